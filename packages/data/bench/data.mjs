// What each stage between a folder of JPEGs and a training step gives, and how long steps wait for data. From the root,
// after `npm run setup`: npm run bench:data [-- stages | queue | quickstart | folder]; each takes less than two minutes.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { simclrViews } from '../../augment/dist/index.js';
import { randomStream } from '../../core/dist/index.js';
import { cached, imageFolder, loader } from '../dist/index.js';
import { emptyViews } from './emptyViews.mjs';
import { makeJpegs } from './jpegFolder.mjs';

const rounds = 3;
const images = 2048;
const batchSize = 256;
const size = 64;

const folder = await mkdtemp(join(tmpdir(), 'unlabel-bench-data-'));
const jpegs = join(folder, 'jpegs');
/** @type {Readonly<Record<string, () => Promise<void>>>} */
const parts = { stages, queue, quickstart: () => training([]), folder: () => training(['--data', jpegs]) };
try {
  await makeJpegs(jpegs, images, { least: 160, most: 240 });
  const chosen = process.argv.slice(2);
  for (const [name, part] of Object.entries(parts)) if (chosen.length === 0 || chosen.includes(name)) await part();
} finally {
  await rm(folder, { recursive: true });
}

/** Images a second of each stage alone, in turns. */
async function stages() {
  const dataset = await imageFolder(jpegs);
  const decoded = cached(dataset);
  await readAll(decoded);
  const views = simclrViews({ size });
  const empty = emptyViews({ size, views: 2 });
  const stage = {
    'read bytes': () => timed(() => readBytes(dataset)),
    decode: () => timed(() => readAll(dataset)),
    'draw and render two views, one thread': () => timed(() => renderAll(decoded, views)),
    'to a worker and back, nothing rendered': () => drain({ dataset: decoded, views: empty }),
    'loader, one worker: read, decode, render': () => drain({ dataset, views, cacheBytes: 0 }),
    'loader, one worker, decoded before': () => drain({ dataset: decoded, views }),
  };
  /** @type {Record<string, number[]>} */
  const rates = Object.fromEntries(Object.keys(stage).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(stage)) {
      rates[name]?.push(await run());
    }
  }
  console.log(`${images} JPEGs of 160 to 240 pixels a side, two views of ${size} × ${size}, medians of ${rounds}\n`);
  console.log('| stage | images/s |\n| --- | --- |');
  for (const [name, each] of Object.entries(rates)) console.log(`| ${name} | ${Math.round(median(each))} |`);
}

/** How far a loader works ahead of a consumer that is slower than it, and how much of the time that one waits. */
async function queue() {
  const dataset = await imageFolder(jpegs);
  console.log(
    '\n| prefetch | most images read ahead of the consumer | bound | of the time waiting |\n| --- | --- | --- | --- |',
  );
  for (const prefetch of [0, 1, 4]) {
    let read = 0;
    const readCounted = (/** @type {number} */ index) => {
      read++;
      return dataset.read(index);
    };
    const counting = { ...dataset, read: readCounted };
    const source = loader({
      dataset: counting,
      views: simclrViews({ size }),
      batchSize: 64,
      seed: 1,
      prefetch,
      cacheBytes: 0,
    });
    let [taken, ahead] = [0, 0];
    const start = performance.now();
    for await (const { indices } of source.epoch(0)) {
      taken += indices.length;
      ahead = Math.max(ahead, read - taken);
      await new Promise((resolve) => setTimeout(resolve, 200)); // a training step
      ahead = Math.max(ahead, read - taken);
    }
    const waited = source.waitedSeconds / ((performance.now() - start) / 1000);
    await source.dispose();
    console.log(`| ${prefetch} | ${ahead} | ${64 * prefetch} | ${(100 * waited).toFixed(1)} % |`);
  }
}

/**
 * Real training with the quickstart's recipe, for about twenty seconds.
 * @param {readonly string[]} flags
 */
async function training(flags) {
  const out = join(folder, `run-${flags.length}`);
  const command = new URL('../../cli/dist/main.js', import.meta.url).pathname;
  await promisify(execFile)(process.execPath, [command, 'quickstart', ...flags, '--minutes', '0.33', '--out', out]);
  const { trainingSeconds, waitedSeconds, steps } = JSON.parse(await readFile(join(out, 'report.json'), 'utf8'));
  const share = ((100 * waitedSeconds) / trainingSeconds).toFixed(2);
  const what = flags.length > 0 ? `with ${images} JPEGs` : 'as shipped';
  console.log(
    `\nQuickstart ${what}: ${steps} steps in ${trainingSeconds.toFixed(1)} s, of which ${share} % waiting for data.`,
  );
}

/** @param {Awaited<ReturnType<typeof imageFolder>>} dataset */
async function readBytes(dataset) {
  return inTurns(dataset.length, (index) => readFile(join(jpegs, dataset.sampleName(index))));
}

/** @param {Awaited<ReturnType<typeof imageFolder>>} dataset */
async function readAll(dataset) {
  return inTurns(dataset.length, async (index) => dataset.read(index));
}

/** @param {Awaited<ReturnType<typeof imageFolder>>} dataset @param {ReturnType<typeof simclrViews>} views */
async function renderAll(dataset, views) {
  const targets = Object.fromEntries(
    Object.entries(views.outputs).map(([name, { shape }]) => [name, new Float32Array(shape.reduce((a, b) => a * b))]),
  );
  for (let index = 0; index < dataset.length; index++) {
    const image = await dataset.read(index);
    views.render(image, views.draw(randomStream([1, index]), image), targets);
  }
  return dataset.length;
}

/** @param {() => Promise<number>} work gives the images that it took */
async function timed(work) {
  const start = performance.now();
  return (1000 * (await work())) / (performance.now() - start);
}

/**
 * Images a second of a loader with one worker that has run for an epoch: what it made ahead at the start, it has made ahead at
 * the end. Then the next stage waits until nothing is being made any more.
 * @param {Pick<Parameters<typeof loader>[0], 'dataset' | 'views' | 'cacheBytes'>} options
 */
async function drain(options) {
  const source = loader({ batchSize, seed: 1, ...options });
  const epoch = async (/** @type {number} */ number) => {
    let count = 0;
    for await (const { indices } of source.epoch(number)) count += indices.length;
    return count;
  };
  await epoch(0);
  const rate = await timed(async () => (await epoch(1)) + (await epoch(2)));
  await source.dispose();
  await idle();
  return rate;
}

/** Resolves when this process has done nothing for a tenth of a second. */
async function idle() {
  for (let busy = true; busy; ) {
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 100));
    busy = process.cpuUsage(before).user > 10_000; // microseconds
  }
}

/** @param {number} count @param {(index: number) => Promise<unknown>} work */
async function inTurns(count, work) {
  for (let from = 0; from < count; from += batchSize) {
    await Promise.all(Array.from({ length: Math.min(batchSize, count - from) }, (_, at) => work(from + at)));
  }
  return count;
}

/** @param {readonly number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
