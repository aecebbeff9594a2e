// Views per second of each recipe on one core, from built packages: `node bench/viewsPerSecond.mjs [part of a name]`.
import { lejepaViews, simclrViews, smallImageViews } from '../packages/augment/dist/index.js';
import { randomStream } from '../packages/core/dist/index.js';

const seconds = 2;

const cases = [
  ['small-image, 28 grey', smallImageViews(), square(28, 1)],
  ['simclr, 28 grey', simclrViews({ size: 28, channels: 1 }), square(28, 1)],
  ['simclr, 32 RGB', simclrViews({ size: 32 }), square(32, 3)],
  ['simclr, 96 RGB', simclrViews({ size: 96 }), square(96, 3)],
  ['simclr, 224 RGB of 500', simclrViews({ size: 224 }), square(500, 3)],
  ['lejepa, 2 of 224 and 6 of 96 RGB of 500', lejepaViews(), square(500, 3)],
];

for (const [name, views, image] of cases) {
  if (!name.includes(process.argv[2] ?? '')) continue;
  const targets = Object.entries(views.outputs).map(([name, { shape }]) => [
    name,
    new Float32Array(shape.reduce((a, b) => a * b)),
  ]);
  renderFor(0.5, views, image, targets);
  const { rendered, cpuSeconds } = renderFor(seconds, views, image, targets);
  console.log(`${name.padEnd(42)} ${Math.round(rendered / cpuSeconds)} views/s`);
}

function renderFor(limit, views, image, targets) {
  const before = process.cpuUsage();
  let [rendered, cpuSeconds] = [0, 0];
  for (let sample = 0; cpuSeconds < limit; sample++) {
    const drawn = views.draw(randomStream([1, 'views', 0, sample]), image);
    views.render(image, drawn, Object.fromEntries(targets));
    rendered += targets.length;
    if (sample % 16 === 0) cpuSeconds = Object.values(process.cpuUsage(before)).reduce((a, b) => a + b) / 1e6;
  }
  return { rendered, cpuSeconds };
}

function square(side, channels) {
  const random = randomStream([side]);
  const data = Uint8Array.from({ length: side * side * channels }, () => random.integer(256));
  return { data, height: side, width: side, channels };
}
