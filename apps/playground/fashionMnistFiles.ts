import { gzipSync } from 'node:zlib';
import { fashionMnist } from '@unlabel/data';
import type { Plugin } from 'vite';

/** Where a file ends and the next begins: the page offers so many images, and holds the last 400 out. */
const ends = [500, 1000, 2000, 4000, 8000, 9600, 10_000];

/** Writes Fashion-MNIST beside the page in several files, so that it fetches no more images than it trains on. */
export function fashionMnistFiles(): Plugin {
  return {
    name: 'fashion-mnist-files',
    apply: 'build',
    buildStart: async function () {
      const { length, fingerprint, labels, read } = await fashionMnist();
      const parts = ends.map((to, at) => ({ from: ends[at - 1] ?? 0, to, file: `${to}.idx.gz` }));
      for (const { from, to, file } of parts) {
        const images = await Promise.all(Array.from({ length: to - from }, (_, index) => read(from + index)));
        const header = Buffer.alloc(16);
        for (const [at, word] of [0x803, to - from, 28, 28].entries()) header.writeUInt32BE(word, 4 * at);
        const source = gzipSync(Buffer.concat([header, ...images.map(({ data }) => data)]), { level: 9 });
        this.emitFile({ type: 'asset', fileName: `fashion-mnist/${file}`, source });
      }
      const index = { length, fingerprint, classes: labels?.classes, labels: labels?.values.join(''), parts };
      this.emitFile({ type: 'asset', fileName: 'fashion-mnist/index.json', source: JSON.stringify(index) });
    },
  };
}
