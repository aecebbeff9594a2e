import { cpu, initialise, tf } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { classifierOf, crossEntropyLoss } from './classifier';
import { fineTune, supervisedBaseline } from './fineTune';
import { labelledBatches } from './labelledBatches';
import type { LabelledInputs } from './labelledInputs';
import { plane, quadrants } from './planeFixture';

/** Points as inputs. */
function points(count: number, seed: number): LabelledInputs {
  const { features: inputs, ...rest } = quadrants(count, seed);
  return { inputs, ...rest };
}

const [train, validation, unseen] = [points(256, 1), points(100, 2), points(200, 3)];
const batches = labelledBatches(train, { inputShape: [2], batchSize: 64 });

test('the loss is −log of the share of the right class, smoothed labels spread over all', async () => {
  const session = await cpu().open();
  const logits = tf.tensor2d([[0, Math.log(3)]]);
  const labels = tf.tensor1d([1], 'int32');
  expect(crossEntropyLoss(logits, labels).dataSync()[0]).toBeCloseTo(-Math.log(0.75), 6);
  const smoothed = -(0.9 * Math.log(0.75) + 0.1 * Math.log(0.25));
  expect(crossEntropyLoss(logits, labels, { labelSmoothing: 0.2 }).dataSync()[0]).toBeCloseTo(smoothed, 6);
  expect(refusalOf(() => crossEntropyLoss(logits, labels, { labelSmoothing: 1 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => crossEntropyLoss(logits, tf.tensor1d([1, 0], 'int32')))).toBe('SHAPE_MISMATCH');
  await session.dispose();
});

test('the baseline learns from random weights, by the better of two rates on validation samples', async () => {
  const session = await cpu().open();
  const result = await supervisedBaseline({
    encoder: plane(),
    session,
    batches,
    test: unseen,
    validation,
    learningRate: [1e-6, 0.03],
    epochs: 12,
    labelSmoothing: 0,
  });
  expect(result.accuracy).toBeGreaterThan(0.85);
  expect(result.learningRate).toBe(0.03);
  expect(result.trials).toHaveLength(2);
  expect(result.losses).toHaveLength(12);
  expect(result.losses.at(-1)).toBeLessThan((result.losses[0] ?? 0) / 2);
  await session.dispose();
});

test('fine-tuning starts from the weights given, and moves earlier layers less', async () => {
  const session = await cpu().open();
  const encoder = plane();
  const weights = initialise(encoder.variables, 7);
  const moved = async (layerDecay: number) => {
    const tuned = await fineTune({
      encoder,
      weights,
      session,
      batches,
      test: unseen,
      epochs: 1,
      warmup: 0,
      weightDecay: 0,
      learningRate: 1e-3,
      layerDecay,
    });
    const distance = (name: string) => {
      const [before, after] = [weights[name]?.data, tuned.weights[`trunk/${name}`]?.data];
      return Math.hypot(...Array.from(before ?? [], (value, at) => value - Number(after?.[at])));
    };
    return { first: distance('first/kernel'), second: distance('second/kernel') };
  };
  const [alike, layered] = [await moved(1), await moved(0.1)];
  expect(alike.first).toBeGreaterThan(0);
  expect(alike.first).toBeLessThan(0.2); // 4 steps of 1e-3 for 32 weights: from where they were
  expect(layered.second / alike.second).toBeCloseTo(0.1, 1);
  expect(layered.first / alike.first).toBeCloseTo(0.01, 1);
  await session.dispose();
});

test('refuses to choose by the test samples, weights of another encoder, and labels that do not fit', async () => {
  const session = await cpu().open();
  const base = { encoder: plane(), session, batches, test: unseen };
  await expect(supervisedBaseline({ ...base, learningRate: [0.1, 1] })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  });
  await expect(supervisedBaseline({ ...base, warmup: 1 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  await expect(supervisedBaseline({ ...base, test: { ...unseen, labels: new Int32Array(3) } })).rejects.toMatchObject({
    code: 'LABELS_MISMATCH',
  });
  expect(refusalOf(() => classifierOf(plane(), 2, {}))).toBe('VARIABLE_MISSING');
  expect(refusalOf(() => fineTune({ ...base, weights: {}, layerDecay: 0 }))).toBe('INVALID_OPTION');
  const ended = supervisedBaseline({ ...base, signal: AbortSignal.abort() });
  await expect(ended).rejects.toMatchObject({ code: 'ABORTED' });
  await session.dispose();
});

test('batches hold every labelled sample once an epoch, in an order and with an augmentation of the seed', async () => {
  const some = { ...train, labels: train.labels.map((label, row) => (row < 31 ? -1 : label)) }; // 225 = 3 × 64 + 33
  const source = labelledBatches(some, {
    inputShape: [2],
    batchSize: 64,
    augment: (input, random) => {
      input[0] = (input[0] ?? 0) + random.uniform();
    },
  });
  const epoch = async (number: number) => {
    const seen: number[] = [];
    const views: number[] = [];
    for await (const { indices, inputs } of source.epoch(number)) {
      seen.push(...indices);
      views.push(...(inputs['views/0']?.data ?? []));
    }
    return { seen, views };
  };
  const [first, again, next] = [await epoch(0), await epoch(0), await epoch(1)];
  expect([...first.seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 225 }, (_, row) => row + 31));
  expect(again).toEqual(first);
  expect(next.seen).not.toEqual(first.seen);
  const sample = first.seen[0] ?? 0;
  const added = (first.views[0] ?? 0) - (train.inputs[2 * sample] ?? 0);
  expect(added).toBeGreaterThan(0);
  expect(first.views[1]).toBe(train.inputs[2 * sample + 1]);
});

test('refuses inputs and labels that are no samples', () => {
  const shape = { inputShape: [2] };
  expect(refusalOf(() => labelledBatches({ ...train, count: 3 }, shape))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => labelledBatches({ ...train, labels: train.labels.map(() => 2) }, shape))).toBe(
    'LABELS_MISMATCH',
  );
  expect(refusalOf(() => labelledBatches({ ...train, labels: train.labels.map(() => -1) }, shape))).toBe(
    'LABELS_MISSING',
  );
  expect(refusalOf(() => labelledBatches(train, { ...shape, batchSize: 0 }))).toBe('INVALID_OPTION');
});
