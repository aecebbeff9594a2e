import { type LabelledFeatures, randomStream } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { linearProbe } from './linearProbe';
import { sgdProbe, sgdProbeEvaluator } from './sgdProbe';

/** Three overlapping Gaussian classes. */
function threeClasses(count: number, seed: number): LabelledFeatures {
  const random = randomStream([seed]);
  const labels = Int32Array.from({ length: count }, (_, row) => row % 3);
  const features = Float32Array.from({ length: count * 5 }, (_, at) => {
    const own = (labels[Math.floor(at / 5)] ?? 0) === at % 5;
    return (own ? 2 : 0) + random.normal();
  });
  return { features, count, dim: 5, labels, classes: 3 };
}

const [bank, queries] = [threeClasses(600, 1), threeClasses(400, 2)];

test('one step from 0 moves the weights by the rate times the gradient, (softmax − onehot) x', () => {
  const row = { features: Float32Array.of(3, -1), count: 1, dim: 2, labels: Int32Array.of(1), classes: 2 };
  const options = { learningRate: 0.1, epochs: 1, batchSize: 256, allowOverlap: true };
  const { classifier } = sgdProbe(row, row, options);
  expect([...classifier.weights]).toEqual([-0.15, 0.05, 0.15, -0.05].map((weight) => expect.closeTo(weight, 6)));
  expect([...classifier.bias]).toEqual([expect.closeTo(-0.05, 6), expect.closeTo(0.05, 6)]);
});

test('the next step has momentum, a cosine rate and weight decay', () => {
  const row = { features: Float32Array.of(1), count: 1, dim: 1, labels: Int32Array.of(0), classes: 1 };
  const pair = { ...row, features: Float32Array.of(1, 1), count: 2, labels: Int32Array.of(0, 1), classes: 2 };
  const { classifier } = sgdProbe(pair, pair, { learningRate: 1, epochs: 2, allowOverlap: true, weightDecay: 0.5 });
  expect([...classifier.weights]).toEqual([0, 0]); // both labels pull alike
  const one = { ...pair, labels: Int32Array.of(0, 0) };
  const { classifier: moved } = sgdProbe(one, one, {
    learningRate: 1,
    epochs: 2,
    allowOverlap: true,
    weightDecay: 0.5,
  });
  const w = 0.5; // after the first step: −g, g = σ(0) − 1 = −0.5; scores ±(w + b) = ±1
  const second = 1 / (1 + Math.exp(-2)) - 1;
  const speed = 0.9 * -0.5 + second + 0.5 * w;
  expect(moved.weights[0]).toBeCloseTo(w - 0.5 * speed, 5); // half-way down the cosine
});

test('reaches what the optimum of logistic regression reaches', () => {
  const sgd = sgdProbe(bank, queries, { epochs: 40 });
  const best = linearProbe(bank, queries, { l2: 1e-4 });
  expect(Math.abs(sgd.accuracy - best.accuracy)).toBeLessThan(0.03);
  expect(sgd.accuracy).toBeGreaterThan(0.75);
});

test('chooses the rate on held-out bank rows, among those that do not diverge', () => {
  const huge = { ...bank, features: bank.features.map((value) => value * 1e18) };
  const far = { ...queries, features: queries.features.map((value) => value * 1e18) };
  const { trials, learningRate } = sgdProbe(bank, queries, { learningRate: [1e-6, 0.1], epochs: 3 });
  expect(trials.map((trial) => trial.learningRate)).toEqual([1e-6, 0.1]);
  expect(learningRate).toBe(trials[0] && trials[1] && trials[0].accuracy >= trials[1].accuracy ? 1e-6 : 0.1);
  expect(refusalOf(() => sgdProbe(huge, far, { learningRate: [1e30, 1e32], epochs: 3 }))).toBe('NON_FINITE_LOSS');
});

test('the same seed gives the same classifier, as an evaluator, too', async () => {
  const options = { learningRate: 0.1, epochs: 3 };
  expect(sgdProbe(bank, queries, options).classifier).toEqual(sgdProbe(bank, queries, options).classifier);
  const figures = await sgdProbeEvaluator(options).evaluate(bank, queries, 5);
  expect(figures).toMatchObject({
    accuracy: sgdProbe(bank, queries, { ...options, seed: 5 }).accuracy,
    learningRate: 0.1,
  });
});

test('refuses settings that mean nothing', () => {
  for (const options of [
    { learningRate: 0 },
    { learningRate: [] },
    { epochs: 0 },
    { batchSize: 1.5 },
    { momentum: 1 },
    { weightDecay: -1 },
    { heldOut: 0 },
  ]) {
    expect(refusalOf(() => sgdProbe(bank, queries, options))).toBe('INVALID_OPTION');
  }
});
