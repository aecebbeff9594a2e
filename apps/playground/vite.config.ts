import { gzipSync } from 'node:zlib';
import { fashionMnist } from '@unlabel/data';
import { defineConfig, type Plugin } from 'vite';

// ONNX Runtime, 40 MB, runs exported files; writing them does not need it.
const rolldownOptions = { external: [/^onnxruntime-web/] };

// Packages are bundled from their sources, and all paths are relative: the page works in any folder of any static host.
export default defineConfig({
  base: './',
  plugins: [fashionMnistFiles()],
  resolve: { conditions: ['@unlabel/source', 'browser', 'module', 'import', 'default'] },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 3000,
    modulePreload: { polyfill: false },
    rolldownOptions,
  },
  worker: { format: 'es', rolldownOptions },
});

/** Images of each file: the page offers as many as files end at, and holds the last 400 out. Those between it never reads. */
const ranges = [
  [0, 500],
  [500, 1000],
  [1000, 2000],
  [2000, 4000],
  [4000, 8000],
  [9600, 10_000],
] as const;

/** Writes Fashion-MNIST beside the page in several files, so that it fetches no more images than it trains on. */
function fashionMnistFiles(): Plugin {
  return {
    name: 'fashion-mnist-files',
    apply: 'build',
    buildStart: async function () {
      const { length, fingerprint, labels, read } = await fashionMnist();
      const parts = ranges.map(([from, to]) => ({ from, to, file: `${from}.idx.gz` }));
      for (const { from, to, file } of parts) {
        const images = await Promise.all(Array.from({ length: to - from }, (_, index) => read(from + index)));
        const header = Buffer.alloc(16);
        for (const [at, word] of [0x803, to - from, 28, 28].entries()) header.writeUInt32BE(word, 4 * at);
        const source = gzipSync(Buffer.concat([header, ...images.map(({ data }) => data)]));
        this.emitFile({ type: 'asset', fileName: `fashion-mnist/${file}`, source });
      }
      const index = { length, fingerprint, classes: labels?.classes, labels: labels?.values.join(''), parts };
      this.emitFile({ type: 'asset', fileName: 'fashion-mnist/index.json', source: JSON.stringify(index) });
    },
    // The package's own file, whole, which nothing fetches.
    generateBundle: (_, bundle) => {
      for (const name of Object.keys(bundle)) if (name.includes('t10k-')) delete bundle[name];
    },
  };
}
