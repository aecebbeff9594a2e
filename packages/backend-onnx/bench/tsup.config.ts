import { defineConfig } from 'tsup';

/** Bundles the benchmark from the packages' sources: no build needed. */
export default defineConfig({
  entry: {
    step: 'bench/step.ts',
    ours: 'bench/ours.ts',
    timeToAccuracy: 'bench/timeToAccuracy.ts',
    quickstartRun: 'bench/quickstartRun.ts',
    eventLoop: 'bench/eventLoop.ts',
    engineWorker: 'src/worker/engineWorker.ts', // where the backend starts it
    viewWorker: '../data/src/viewWorker.ts', // where @unlabel/data starts it
    factories: '../augment/src/factories.ts',
  },
  outDir: 'bench/dist',
  format: ['esm'],
  splitting: false, // one file each, so that another build can be kept as a baseline
  target: 'node20',
  external: ['onnxruntime-node', '@resvg/resvg-js'], // native; the latter is of reports, which no benchmark makes
  noExternal: [/^(?!onnxruntime-node|@resvg)/],
  esbuildOptions: (options) => {
    options.conditions = ['@unlabel/source'];
    options.banner = {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    };
  },
});
