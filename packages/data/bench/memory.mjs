// Streams epochs of 50,000 JPEGs through the loader and prints how much memory it takes over time. From the root, after
// `npm run setup`: node packages/data/bench/memory.mjs [--folder jpegs] [--count 50000] [--cache 64] [--epochs 1]. The
// first runs make the JPEGs, a minute and a half each, until all are there.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { simclrViews } from '../../augment/dist/index.js';
import { imageFolder, loader } from '../dist/index.js';
import { makeJpegs } from './jpegFolder.mjs';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: join(tmpdir(), 'unlabel-jpegs') },
    count: { type: 'string', default: '50000' },
    cache: { type: 'string', default: '64' },
    epochs: { type: 'string', default: '1' },
  },
});
const count = Number(values.count);
const made = await makeJpegs(values.folder, count, { seconds: 90 });
if (made < count) console.log(`${made} of ${count} JPEGs are made: run this again.`);
else await stream();

async function stream() {
  const dataset = await imageFolder(values.folder);
  const cacheBytes = Number(values.cache) * 2 ** 20;
  const source = loader({ dataset, views: simclrViews({ size: 32 }), batchSize: 256, seed: 1, cacheBytes });
  const start = performance.now();
  /** @type {number[]} */
  const megabytes = [];
  const epochs = Number(values.epochs);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for await (const _ of source.epoch(epoch)) megabytes.push(process.memoryUsage().rss / 2 ** 20);
  }
  const seconds = (performance.now() - start) / 1000;
  await source.dispose();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const quarter = Math.floor(megabytes.length / (4 * epochs));
  const mean = (/** @type {number[]} */ part) => Math.round(part.reduce((a, b) => a + b) / part.length);
  console.log(
    `${epochs} × ${dataset.length} JPEGs in ${seconds.toFixed(0)} s, ${Math.round((epochs * dataset.length) / seconds)} images/s; cache ${values.cache} MiB`,
  );
  console.log(
    `MiB in use by quarters of an epoch: ${Array.from({ length: 4 * epochs }, (_, part) => part)
      .map((part) => mean(megabytes.slice(part * quarter, (part + 1) * quarter)))
      .join(', ')}`,
  );
  console.log(
    `Peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB; at the end JavaScript's heap ${Math.round(heapUsed / 2 ** 20)} and arrays ${Math.round(arrayBuffers / 2 ** 20)}`,
  );
}
