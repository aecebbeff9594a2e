import { defineConfig } from 'tsup';

/** Bundles the benchmark from the packages' sources: no build needed. */
export default defineConfig({
  entry: ['bench/step.ts', 'bench/ours.ts'],
  outDir: 'bench/dist',
  format: ['esm'],
  splitting: false, // one file each, so that another build can be kept as a baseline
  target: 'node20',
  external: ['onnxruntime-node'],
  noExternal: [/^(?!onnxruntime-node)/],
  esbuildOptions: (options) => {
    options.conditions = ['@unlabel/source'];
    options.banner = {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    };
  },
});
