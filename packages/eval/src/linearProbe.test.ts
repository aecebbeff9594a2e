import { type LabelledFeatures, randomStream } from '@unlabel/core';
import { readGolden, refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { linearProbe, linearProbeEvaluator } from './linearProbe';

/** Two Gaussian classes a distance of 2 apart along every dimension, on one far larger scale per dimension. */
function twoClasses(count: number, seed: number): LabelledFeatures {
  const random = randomStream([seed]);
  const labels = Int32Array.from({ length: count }, (_, row) => row % 2);
  const features = Float32Array.from({ length: count * 4 }, (_, at) => {
    const centre = (labels[Math.floor(at / 4)] ?? 0) * 2;
    return 10 ** (at % 4) * (centre + random.normal());
  });
  return { features, count, dim: 4, labels, classes: 2 };
}

test('weighs one feature as the equation says: σ(−w) = 2 l2 w for ±1 of two classes', () => {
  const pair = { features: Float32Array.of(-1, 1), count: 2, dim: 1, labels: Int32Array.of(0, 1), classes: 2 };
  const { fit } = linearProbe(pair, pair, { l2: 0.1, allowOverlap: true });
  const weight = fit.weights[1] ?? 0; // and −weight for class 0: scores differ by 2 w x
  expect(fit.weights[0]).toBeCloseTo(-weight, 4);
  expect(1 / (1 + Math.exp(2 * weight))).toBeCloseTo(0.1 * weight, 3);
});

test('agrees with scikit-learn on accuracy, loss and weights, with C = 1/(l2 n)', async () => {
  const { params, inputs, outputs } = await readGolden(new URL('../golden/softmax_regression.json', import.meta.url));
  const [features, labels] = [inputs.features, inputs.labels];
  const dim = features?.shape[1] ?? 0;
  const split = Number(params.bank);
  const part = (from: number, to?: number): LabelledFeatures => {
    const chosen = Int32Array.from(labels?.data.slice(from, to) ?? []);
    const values = Float32Array.from(features?.data.slice(from * dim, to && to * dim) ?? []);
    return { features: values, count: chosen.length, dim, labels: chosen, classes: Number(params.classes) };
  };
  const [bank, queries] = [part(0, split), part(split)];
  const weights = outputs.weights_per_l2?.data ?? [];
  for (const [index, l2] of [1e-3, 1e-2, 1e-1].entries()) {
    const { accuracy, fit } = linearProbe(bank, queries, { l2 });
    expect(fit.converged).toBe(true);
    expect(Math.abs(accuracy - (outputs.accuracy_per_l2?.data[index] ?? 0))).toBeLessThanOrEqual(0.001);
    expect(fit.loss).toBeCloseTo(outputs.loss_per_l2?.data[index] ?? 0, 5);
    const reference = weights.slice(index * fit.weights.length, (index + 1) * fit.weights.length);
    const largest = Math.max(...reference.map(Math.abs));
    reference.forEach((weight, at) => {
      expect(Math.abs((fit.weights[at] ?? 0) - weight)).toBeLessThan(0.02 * largest);
    });
  }
});

test('chooses the penalty on held-out bank rows, whatever the test rows are', () => {
  const bank = twoClasses(200, 1);
  const chosen = linearProbe(bank, twoClasses(100, 2));
  const flipped = twoClasses(100, 2);
  const adverse = linearProbe(bank, { ...flipped, labels: flipped.labels.map((label) => 1 - label) });
  expect(chosen.trials.map((trial) => trial.l2)).toEqual([1, 0.1, 0.01, 0.001, 0.0001]);
  expect(chosen.l2).toBe(adverse.l2);
  expect(chosen.trials).toEqual(adverse.trials);
  expect(chosen.accuracy).toBeCloseTo(1 - adverse.accuracy, 12);
  expect(chosen.accuracy).toBeGreaterThan(0.9);
});

test('standardised, the scale of a dimension does not matter', () => {
  const [bank, queries] = [twoClasses(120, 3), twoClasses(60, 4)];
  const rescale = (data: LabelledFeatures) => ({
    ...data,
    features: data.features.map((value, at) => value * 2 ** (at % 4)),
  });
  const plain = linearProbe(bank, queries, { l2: 0.01 });
  const rescaled = linearProbe(rescale(bank), rescale(queries), { l2: 0.01 });
  expect(rescaled.predictions).toEqual(plain.predictions);
  expect(linearProbe(bank, queries, { l2: 0.01, standardise: false }).fit.loss).not.toBeCloseTo(plain.fit.loss, 3);
});

test('stays finite on collapsed features, and then knows no more than the class shares', () => {
  const collapsed = { ...twoClasses(50, 5), features: new Float32Array(200).fill(3) };
  const { accuracy, fit } = linearProbe(collapsed, collapsed, { l2: 0 });
  expect(accuracy).toBe(0.5);
  expect(fit.loss).toBeCloseTo(Math.log(2), 6);
});

test('refuses penalties and splits that mean nothing', () => {
  const bank = twoClasses(20, 6);
  expect(refusalOf(() => linearProbe(bank, bank, { l2: -1, allowOverlap: true }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => linearProbe(bank, bank, { l2: [], allowOverlap: true }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => linearProbe(bank, bank, { heldOut: 1, allowOverlap: true }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => linearProbe({ ...bank, labels: new Int32Array() }, bank))).toBe('LABELS_MISSING');
});

test('fits penalties to one row at least, however much is held out', () => {
  const bank = { features: Float32Array.of(1, -1), count: 2, dim: 1, labels: Int32Array.of(0, 1), classes: 2 };
  const { trials } = linearProbe(bank, bank, { l2: [1, 0.1], heldOut: 0.9, allowOverlap: true });
  expect(trials.map(({ accuracy }) => accuracy)).toEqual([0, 0]); // one row is known, and the other is of another class
});

test('as an evaluator, splits the bank by the seed it is given', async () => {
  const [bank, queries] = [twoClasses(60, 7), twoClasses(40, 8)];
  const evaluator = linearProbeEvaluator({ l2: [1, 0.01] });
  const figures = await evaluator.evaluate(bank, queries, 3);
  const { accuracy, l2 } = linearProbe(bank, queries, { l2: [1, 0.01], seed: 3 });
  expect(figures).toMatchObject({ accuracy, l2 });
  expect(figures.meanClassAccuracy).toBeCloseTo(accuracy, 12); // classes are balanced
});
