import { defineConfig } from 'tsup';

// Worker threads load files of these as they were built.
const built = ['@unlabel/augment', '@unlabel/data'];

/** Bundles the benchmark from the packages' sources. */
export default defineConfig({
  entry: { kernels: 'bench/kernels.ts' },
  outDir: 'bench/dist',
  format: ['esm'],
  splitting: false,
  target: 'node20',
  external: ['webgpu', ...built], // the first is native
  noExternal: [/^(?!webgpu$|@unlabel\/(augment|data)$)/],
  esbuildOptions: (options) => {
    options.conditions = ['@unlabel/source'];
    options.banner = {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    };
  },
});
