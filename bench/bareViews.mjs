// A thread that makes SimCLR's views of the pictures that it is given, without a loader, and tells how many a second.
import { parentPort, workerData } from 'node:worker_threads';
import { simclrViews } from '../packages/augment/dist/index.js';
import { randomStream } from '../packages/core/dist/index.js';

const { size, sources, seconds } = workerData;
const views = simclrViews({ size, views: 1 });
const targets = { 'views/0': new Float32Array(size * size * 3) };

/** Views per second of so many seconds. */
function rate(limit) {
  const start = performance.now();
  let made = 0;
  while (performance.now() - start < 1000 * limit) {
    for (const source of sources) {
      views.render(source, views.draw(randomStream([1, 'views', 0, made]), source), targets);
      made++;
    }
  }
  return (1000 * made) / (performance.now() - start);
}

rate(1); // V8 compiles
parentPort?.postMessage(rate(seconds));
