// One contender of eval.mjs: for each line of input, runs its row once and prints seconds and accuracy.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { linearProbe, weightedKnn } from '@unlabel/eval';

const [row, folder, ...size] = process.argv.slice(2);
const [bankCount, testCount, dim, classes] = size.map(Number);
const load = (split, count) => {
  const { buffer, byteOffset } = readFileSync(`${folder}/${row}-${split}.f32`);
  const features = new Float32Array(buffer.slice(byteOffset, byteOffset + 4 * count * dim));
  return { features, count, dim, labels: Int32Array.from({ length: count }, (_, index) => index % classes), classes };
};
const [bank, test] = [load('bank', bankCount), load('test', testCount)];
const runs = { knn: () => weightedKnn(bank, test), probe: () => linearProbe(bank, test, { l2: 1e-3 }) };

for await (const _ of createInterface({ input: process.stdin })) {
  const start = performance.now();
  const { accuracy } = runs[row]();
  console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000, accuracy }));
}
