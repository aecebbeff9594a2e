// Raw pixels of Fashion-MNIST's test images: 0–7,999 are the bank, 8,000–9,999 the test. Accuracies and processor seconds.
// Build first, then: node src/fashionMnist.bench.mjs [folder of the IDX .gz files]
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fewShot, linearProbe, rankMe, weightedKnn } from '@unlabel/eval';

const folder = process.argv[2] ?? '/usr/share/datasets/fashion-mnist';
const read = (file, header) => gunzipSync(readFileSync(`${folder}/${file}`)).subarray(header);
const pixels = Float32Array.from(read('t10k-images-idx3-ubyte.gz', 16), (byte) => (byte / 255 - 0.286) / 0.353);
const labels = Int32Array.from(read('t10k-labels-idx1-ubyte.gz', 8));
const rows = (from, to) => ({
  features: pixels.slice(from * 784, to * 784),
  count: to - from,
  dim: 784,
  labels: labels.slice(from, to),
  classes: 10,
});
const [bank, test] = [rows(0, 8000), rows(8000, 10000)];

const measure = (title, run) => {
  const before = process.cpuUsage();
  const start = performance.now();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  const wall = ((performance.now() - start) / 1000).toFixed(2);
  console.log(title.padEnd(34), result, `${((user + system) / 1e6).toFixed(2)} s processor, ${wall} s wall`);
};

measure('kNN, k 20, τ 0.07', () => weightedKnn(bank, test).accuracy);
measure('kNN, k 200, τ 0.1', () => weightedKnn(bank, test, { k: 200, temperature: 0.1 }).accuracy);
for (const l2 of [1e-3, 1e-2]) {
  measure(`linear probe, l2 ${l2}`, () => {
    const { accuracy, fit } = linearProbe(bank, test, { l2 });
    return { accuracy, loss: fit.loss, iterations: fit.iterations, converged: fit.converged };
  });
}
measure('linear probe, l2 chosen', () => {
  const { accuracy, l2, trials } = linearProbe(bank, test);
  return { accuracy, l2, trials: trials.map((trial) => `${trial.l2}: ${trial.accuracy}`).join(', ') };
});
measure('linear probe, 10 per class', () => fewShot(bank, test, { perClass: 10 }));
measure('linear probe, 100 per class', () => fewShot(bank, test, { perClass: 100 }));
measure('RankMe of 2,000', () => rankMe(rows(0, 2000)));
