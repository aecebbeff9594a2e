// SimCLR's views per second of one core, here and in torchvision, in turns; then with two workers of the loader against
// one, beside two threads without a loader against one: what the machine allows. After a build (npm run setup): npm run
// bench:augment -- [--rounds 5] [--seconds 1] [--python FILE] [--sizes 32,96]
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { simclrViews } from '../packages/augment/dist/index.js';
import { randomStream } from '../packages/core/dist/index.js';
import { loader } from '../packages/data/dist/index.js';
import { startOpponent } from './opponent.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    sizes: { type: 'string', default: '32,96,224' },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];

/** Sizes of views, with those of the images that they are usually cut from, and the blur's kernel. */
const rows = [
  { size: 32, height: 32, width: 32, count: 64, kernel: 3 }, // CIFAR
  { size: 96, height: 128, width: 128, count: 32, kernel: 9 },
  { size: 224, height: 375, width: 500, count: 16, kernel: 23 }, // ImageNet
].filter(({ size }) => values.sizes.split(',').map(Number).includes(size));

const folder = mkdtempSync(join(tmpdir(), 'unlabel-bench-'));
const torchvision = await startTorchvision(values.python);
console.log(`${cpus()[0]?.model}, ${cpus().length} processors, Node ${process.version}. ${describe(torchvision)}`);
try {
  for (const row of rows) await compareRow(row);
} finally {
  torchvision?.close();
  rmSync(folder, { recursive: true });
}

async function compareRow(row) {
  const { size, height, width, count, kernel } = row;
  const memory = new SharedArrayBuffer(count * height * width * 3); // one, as data sets and caches hold their pixels
  const sources = Array.from({ length: count }, (_, index) => picture(height, width, index, memory));
  const file = join(folder, `${size}.bin`);
  writeFileSync(file, Buffer.concat(sources.map(({ data }) => data)));
  const theirs = (path) => () => torchvision.run({ path, size, kernel, height, width, count, file, seconds });
  const sides = {
    ours: () => renderFor(seconds, size, sources),
    ...(torchvision && { pil: theirs('pil'), tensor: theirs('tensor') }),
  };
  for (const run of Object.values(sides)) await run(); // warms up
  const rate = await inTurns(sides, ({ views, seconds: taken }) => views / taken);
  const better = rate.pil > rate.tensor ? 'pil' : 'tensor';
  const ratio = torchvision
    ? `; torchvision ${rate[better].toFixed(0)} (${better}, the better of pil ${rate.pil.toFixed(0)} and tensor ` +
      `${rate.tensor.toFixed(0)}): ${(rate.ours / rate[better]).toFixed(1)}×`
    : '';
  console.log(`${size} of ${height}×${width}: ${rate.ours.toFixed(0)} views/s per core${ratio}`);
  const loaders = {
    one: () => loadFor(1, size, sources),
    two: () => loadFor(2, size, sources),
    oneBare: () => bareFor(1, size, sources),
    twoBare: () => bareFor(2, size, sources),
  };
  const wall = await inTurns(loaders, Number);
  console.log(
    `  loader: one worker ${wall.one.toFixed(0)} views/s, two ${wall.two.toFixed(0)}: ${(wall.two / wall.one).toFixed(2)}×; ` +
      `threads without a loader: ${wall.oneBare.toFixed(0)} and ${wall.twoBare.toFixed(0)}: ${(wall.twoBare / wall.oneBare).toFixed(2)}×`,
  );
}

/** The median of each side's figures, over rounds in which each has a turn. */
async function inTurns(sides, figure) {
  const figures = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(sides)) figures[name].push(figure(await run()));
  }
  const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];
  return Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, median(all)]));
}

/** Views made here in so many seconds of processor time, those of helper threads included. */
function renderFor(limit, size, sources) {
  const views = simclrViews({ size, views: 1 });
  const targets = { 'views/0': new Float32Array(size * size * 3) };
  const before = process.cpuUsage();
  let [made, taken] = [0, 0];
  while (taken < limit) {
    const source = sources[made % sources.length];
    views.render(source, views.draw(randomStream([1, 'views', 0, made]), source), targets);
    made++;
    if (made % 16 === 0) taken = Object.values(process.cpuUsage(before)).reduce((a, b) => a + b) / 1e6;
  }
  return { views: made, seconds: taken };
}

/** Views per second of the clock from a loader with so many workers, after a second in which V8 compiles what they run. */
async function loadFor(workers, size, sources) {
  const batchSize = { 32: 256, 96: 128 }[size] ?? 64;
  const dataset = {
    name: 'pictures',
    length: 4096,
    fingerprint: `${size}`,
    read: (index) => sources[index % sources.length],
  };
  const batches = loader({ dataset, views: simclrViews({ size, views: 1 }), batchSize, seed: 1, workers });
  const opened = performance.now();
  let [start, made] = [0, 0];
  for (let epoch = 0; start === 0 || performance.now() - start < 1000 * seconds; epoch++) {
    for await (const _ of batches.epoch(epoch)) {
      const now = performance.now();
      if (start > 0) made++;
      else if (now - opened > 1000) start = now;
      if (start > 0 && now - start >= 1000 * seconds) break;
    }
  }
  const rate = (1000 * made * batchSize) / (performance.now() - start);
  await batches.dispose();
  return rate;
}

/** Views per second of the clock from so many threads without a loader. */
async function bareFor(threads, size, sources) {
  const file = new URL('bareViews.mjs', import.meta.url);
  const rates = Array.from({ length: threads }, async () => {
    const [rate] = await once(new Worker(file, { workerData: { size, sources, seconds } }), 'message');
    return rate;
  });
  return (await Promise.all(rates)).reduce((a, b) => a + b);
}

/** Smooth colours with some noise, at a place in memory of its own. */
function picture(height, width, seed, memory) {
  const random = randomStream([seed]);
  const wave = () => [random.uniform(0, 6), random.uniform(0, 9 / width), random.uniform(0, 9 / height)];
  const waves = [wave(), wave(), wave()];
  const bytes = height * width * 3;
  const data = new Uint8Array(memory, seed * bytes, bytes);
  for (let at = 0; at < data.length; at++) {
    const [phase, along, down] = waves[at % 3];
    const pixel = Math.floor(at / 3);
    const value = Math.sin(phase + along * (pixel % width) + down * Math.floor(pixel / width));
    data[at] = 128 + 100 * value + random.uniform(-20, 20);
  }
  return { data, height, width, channels: 3 };
}

/** Torchvision in a process that answers line by line, or nothing where there is none. */
async function startTorchvision(python) {
  const script = fileURLToPath(new URL('torchvisionViews.py', import.meta.url));
  const { hear, say, close } = startOpponent(python, [script], { OMP_NUM_THREADS: '1' });
  const versions = await hear();
  if (!versions) return undefined;
  return {
    versions,
    run: async (job) => {
      say(JSON.stringify(job));
      const answer = await hear();
      if (!answer) throw new Error('torchvision ended early.');
      return answer;
    },
    close,
  };
}

function describe(opponent) {
  if (!opponent) return `${values.python} has no torchvision: our side alone.`;
  return `torchvision ${opponent.versions.torchvision}, PyTorch ${opponent.versions.torch}; one thread each.`;
}
