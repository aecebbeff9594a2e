import type { Encoder, RunHandle, TrainingEvent } from '@unlabel/core';
import { tf } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { collapseMonitor } from './collapseMonitor';
import { onlineKnn } from './onlineKnn';

const encoder: Encoder = {
  name: 'identity',
  inputShape: [2],
  outputDim: 2,
  variables: {},
  apply: (input) => tf.reshape(input, [-1, 2]),
};

/** A run whose encoder hands its inputs through, or whatever `features` makes of them, and that keeps what is emitted. */
function runOf(features: (inputs: Float32Array) => Float32Array = (inputs) => inputs) {
  const emitted: TrainingEvent[] = [];
  const run: RunHandle = {
    encoder,
    embed: async (inputs) => features(inputs),
    emit: (event) => emitted.push(event),
    readState: async () => ({}),
  };
  return { run, emitted };
}

const start: TrainingEvent = { type: 'start', totalSteps: 9, epochs: 3, resumedFrom: 0, backend: 'cpu' };
const epoch = (index: number): TrainingEvent => ({ type: 'epoch', epoch: index, step: 3 * (index + 1), meanLoss: 1 });
const step = (number: number, projectionStd: number): TrainingEvent => ({
  type: 'step',
  step: number,
  epoch: 0,
  loss: 1,
  terms: {},
  scalars: {},
  samplesPerSecond: 1,
  projectionStd,
});

const labelled = {
  inputs: Float32Array.of(1, 0, 0.9, 0.1, 0, 1, 0.1, 0.9),
  count: 4,
  labels: Int32Array.of(0, 0, 1, 1),
  classes: 2,
};

test('online kNN reports before the first step and after every so many epochs', async () => {
  const callback = onlineKnn({ bank: labelled, test: labelled, k: 1, everyEpochs: 2 });
  const { run, emitted } = runOf();
  for (const event of [start, epoch(0), epoch(1), epoch(2), epoch(3)]) await callback.onEvent(event, run);
  expect(emitted).toMatchObject([
    { type: 'report', source: 'online-knn', step: 0, figures: { knn: 1 } },
    { type: 'report', source: 'online-knn', step: 6, figures: { knn: 1 } },
    { type: 'report', source: 'online-knn', step: 12, figures: { knn: 1 } },
  ]);
});

test('online kNN reports the share of time it takes, and starts a resumed run without a baseline', async () => {
  const slow = async (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const { run, emitted } = runOf();
  const callback = onlineKnn({ bank: labelled, test: labelled, k: 1 });
  await callback.onEvent({ ...start, resumedFrom: 3 }, run);
  expect(emitted).toEqual([]);
  await slow(60);
  await callback.onEvent(epoch(1), { ...run, embed: async (inputs) => slow(20).then(() => inputs) });
  const [report] = emitted;
  const share = report?.type === 'report' ? report.figures.timeShare : undefined;
  expect(share).toBeGreaterThan(0.1); // twice 20 ms of 100
  expect(share).toBeLessThan(0.9);
});

test('online kNN embeds no more than it was allowed, the same samples each time', async () => {
  const seen: Float32Array[] = [];
  const { run } = runOf((inputs) => {
    seen.push(inputs);
    return inputs;
  });
  const callback = onlineKnn({ bank: labelled, test: labelled, k: 1, maxBank: 3, maxTest: 2, seed: 4 });
  for (const event of [start, epoch(0)]) await callback.onEvent(event, run);
  expect(seen.map((inputs) => inputs.length)).toEqual([6, 4, 6, 4]);
  expect(seen[2]).toEqual(seen[0]);
  const other = runOf((inputs) => {
    seen.push(inputs);
    return inputs;
  });
  await onlineKnn({ bank: labelled, test: labelled, k: 1, maxBank: 3, seed: 5 }).onEvent(start, other.run);
  expect(seen[4]).not.toEqual(seen[0]);
});

test('the monitor warns once after enough low steps in a row, and again after a recovery', async () => {
  const callback = collapseMonitor({ patience: 3 });
  const { run, emitted } = runOf();
  const course = [0.5, 0.05, 0.05, 0.5, 0.04, 0.04, 0.038, 0.03, 0.02, 0.5, 0.01, 0.01, 0.01];
  for (const [index, std] of course.entries()) await callback.onEvent(step(index + 1, std), run);
  expect(emitted.map((event) => (event.type === 'warning' ? event.step : undefined))).toEqual([7, 13]);
  expect(emitted[0]).toMatchObject({ source: 'collapse-monitor', message: expect.stringContaining('now 0.038') });
});

test('the monitor is quiet where projections are healthy or the objective has none', async () => {
  const callback = collapseMonitor({ patience: 1 });
  const { run, emitted } = runOf();
  for (const std of [0.9, 0.2, Number.NaN]) await callback.onEvent(step(1, std), run);
  expect(emitted).toEqual([]);
});

test('the monitor reports rank and spread of held-out features, and warns when the rank is gone', async () => {
  const inputs = Float32Array.of(1, 0, 0, 1, 1, 1, -1, 1);
  const callback = collapseMonitor({ heldOut: { inputs, count: 4 }, minRankShare: 0.6 });
  const healthy = runOf();
  const collapsed = runOf(() => Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1));
  await callback.onEvent(start, healthy.run);
  await callback.onEvent(epoch(0), healthy.run);
  expect(healthy.emitted).toMatchObject([{ type: 'report', source: 'collapse-monitor', step: 3 }]);
  await callback.onEvent(epoch(1), collapsed.run);
  await callback.onEvent(epoch(2), collapsed.run);
  expect(collapsed.emitted.map(({ type }) => type)).toEqual(['report', 'warning', 'report']);
  expect(collapsed.emitted[1]).toMatchObject({ message: expect.stringContaining('about 1.0 of 2 dimensions') });
});

test('callbacks refuse options that mean nothing', () => {
  const sets = { bank: labelled, test: labelled };
  expect(refusalOf(() => onlineKnn({ ...sets, everyEpochs: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => onlineKnn({ ...sets, maxBank: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => onlineKnn({ ...sets, bank: { ...labelled, labels: Int32Array.of(1) } }))).toBe(
    'LABELS_MISMATCH',
  );
  expect(refusalOf(() => onlineKnn({ ...sets, test: { ...labelled, inputs: new Float32Array(7) } }))).toBe(
    'SHAPE_MISMATCH',
  );
  expect(refusalOf(() => collapseMonitor({ patience: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => collapseMonitor({ everyEpochs: 0.5 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => collapseMonitor({ minStd: 2 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => collapseMonitor({ minRankShare: -1 }))).toBe('INVALID_OPTION');
});
