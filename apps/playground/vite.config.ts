import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

// Steps run in ONNX Runtime's build for WebGPU; that for WebAssembly alone would only be carried along.
const rolldownOptions = { external: ['onnxruntime-web/wasm'] };

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
      const [images, labels] = [
        await unpacked('t10k-images-idx3-ubyte.gz'),
        await unpacked('t10k-labels-idx1-ubyte.gz'),
      ];
      const pixels = images.subarray(16);
      const parts = ranges.map(([from, to]) => ({ from, to, file: `${from}.idx.gz` }));
      for (const { from, to, file } of parts) {
        const header = Buffer.from(images.subarray(0, 16));
        header.writeUInt32BE(to - from, 4);
        const source = gzipSync(Buffer.concat([header, pixels.subarray(from * 784, to * 784)]));
        this.emitFile({ type: 'asset', fileName: `fashion-mnist/${file}`, source });
      }
      const digest = createHash('sha256').update(pixels).digest('hex').slice(0, 16);
      const fingerprint = `idx:10000x28x28:${digest}`; // that of the whole, as the command line has it
      const index = { length: 10_000, fingerprint, labels: labels.subarray(8).join(''), parts };
      this.emitFile({ type: 'asset', fileName: 'fashion-mnist/index.json', source: JSON.stringify(index) });
    },
    // The package's own file, whole, which nothing fetches.
    generateBundle: (_, bundle) => {
      for (const name of Object.keys(bundle)) if (name.includes('t10k-')) delete bundle[name];
    },
  };
}

/** A file of the data package. */
async function unpacked(name: string): Promise<Buffer> {
  const manifest = createRequire(import.meta.url).resolve('@unlabel/dataset-fashion-mnist/package.json');
  return gunzipSync(await readFile(`${dirname(manifest)}/data/${name}`));
}
