import { defineConfig } from 'tsup';

/** Bundles the benchmark from the packages' sources: no build needed. */
export default defineConfig({
  entry: { kernels: 'bench/kernels.ts' },
  outDir: 'bench/dist',
  format: ['esm'],
  splitting: false,
  target: 'node20',
  external: ['webgpu'], // native
  noExternal: [/^(?!webgpu$)/],
  esbuildOptions: (options) => {
    options.conditions = ['@unlabel/source'];
    options.banner = {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    };
  },
});
