import type { CheckpointFacts, Encoder, RunHandle, TrainingEvent } from '@unlabel/core';
import { randomStream, tf } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { bestCheckpoint } from './bestCheckpoint';
import { collapseMonitor } from './collapseMonitor';
import { onlineKnn } from './onlineKnn';
import { onlineProbe } from './onlineProbe';

const encoder: Encoder = {
  name: 'identity',
  inputShape: [2],
  outputDim: 2,
  variables: {},
  apply: (input) => tf.reshape(input, [-1, 2]),
};

type Mapping = (inputs: Float32Array) => Float32Array;

/** A run whose encoder hands its inputs through, or whatever `features` makes of them, and that keeps what is emitted. */
function runOf(features: Mapping = (inputs) => inputs, projections = features) {
  const emitted: TrainingEvent[] = [];
  const checkpoints: Record<string, CheckpointFacts> = {};
  const run: RunHandle = {
    encoder,
    embed: async (inputs) => features(inputs),
    project: async (inputs, count) => ({ features: projections(inputs), count, dim: 2 }),
    emit: (event) => emitted.push(event),
    readState: async () => ({}),
    keep: async (name, facts) => {
      checkpoints[name] = facts;
    },
    kept: async (name) => checkpoints[name],
  };
  return { run, emitted, checkpoints };
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

/** Eight points of the unit circle: two directions, well spread. */
const circle = Float32Array.from({ length: 16 }, (_, at) =>
  at % 2 === 0 ? Math.cos((at / 16) * 2 * Math.PI) : Math.sin(((at - 1) / 16) * 2 * Math.PI),
);
const point = () => Float32Array.from({ length: 16 }, (_, at) => (at % 2 === 0 ? 3 : 1));
const line = (inputs: Float32Array) => inputs.map((value, at) => (at % 2 === 0 ? value : 0));

test('the monitor reports spread, directions and rank of held-out features and projections', async () => {
  const callback = collapseMonitor({ heldOut: { inputs: circle, count: 8 }, patience: 1 });
  const { run, emitted } = runOf((inputs) => inputs, line);
  for (const event of [start, epoch(0)]) await callback.onEvent(event, run);
  const [report] = emitted;
  expect(report).toMatchObject({
    type: 'report',
    source: 'collapse-monitor',
    step: 3,
    figures: { featureDirections: 2, projectionDirections: 1, timeShare: expect.any(Number) },
  });
  const figures = report?.type === 'report' ? report.figures : {};
  expect(figures.rankMe).toBeCloseTo(2, 3);
  expect(figures.featureStd).toBeCloseTo(Math.sqrt(8 / 7), 3);
});

test('the monitor tells collapse to a point from collapse to few directions, of what, and what to try', async () => {
  const heldOut = { inputs: circle, count: 8 };
  const inOnePoint = runOf(point, (inputs) => inputs);
  const first = collapseMonitor({ heldOut, patience: 1 });
  for (const event of [start, epoch(0), epoch(1)]) await first.onEvent(event, inOnePoint.run);
  const warnings = (emitted: readonly TrainingEvent[]) =>
    emitted.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  expect(warnings(inOnePoint.emitted)).toEqual([
    expect.stringMatching(/^Features of held-out samples have collapsed: .* is 0\.000, .* Check that targets/),
  ]);
  const onOneLine = runOf((inputs) => inputs, line);
  const second = collapseMonitor({ heldOut, patience: 1 });
  for (const event of [start, epoch(0), epoch(1)]) await second.onEvent(event, onOneLine.run);
  expect(warnings(onOneLine.emitted)).toEqual([
    expect.stringMatching(/^Projections of held-out samples .* few dimensions: 1 of 2 directions .* Try a projector/),
  ]);
});

test('the monitor sees collapse that batch norm hides, and says nothing where directions are many', async () => {
  const [count, dim] = [200, 128];
  const features = Float32Array.from({ length: 16 * count }, (_, at) => Math.cos(at * at)); // of many directions
  const inputs = new Float32Array(2 * count);
  const random = randomStream(['monitor']);
  const spread = Float32Array.from({ length: count * dim }, () => random.normal());
  // Each dimension has mean 0 and standard deviation 1, and all lie in one plane.
  const plane = spread.map((_, at) => Math.SQRT2 * Math.cos((2 * Math.PI * Math.floor(at / dim)) / count + (at % dim)));
  const messagesOf = async (projected: Float32Array) => {
    const { run, emitted } = runOf();
    const callback = collapseMonitor({ heldOut: { inputs, count }, patience: 1 });
    const project = async () => ({ features: projected, count, dim });
    await callback.onEvent(epoch(0), {
      ...run,
      encoder: { ...encoder, outputDim: 16 },
      embed: async () => features,
      project,
    });
    expect(emitted.at(0)).toMatchObject({ figures: { projectionStd: expect.closeTo(1, 1) } });
    return emitted.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  };
  expect(await messagesOf(spread)).toEqual([]);
  expect(await messagesOf(plane)).toEqual([expect.stringMatching(/^Projections .* 2 of 128 directions carry 99 %/)]);
});

test('the monitor looks at held-out samples as soon as batches have been low for long enough', async () => {
  const callback = collapseMonitor({ heldOut: { inputs: circle, count: 8 }, patience: 3 });
  const { run, emitted } = runOf((inputs) => inputs, point);
  for (const [index, std] of [0.1, 0.1, 0.1, 0.1].entries()) await callback.onEvent(step(index + 1, std), run);
  expect(emitted.map((event) => ('step' in event ? `${event.type} ${event.step}` : ''))).toEqual([
    'warning 3',
    'report 3',
  ]);
});

test('the monitor waits for running statistics: batches that are spread outweigh held-out projections', async () => {
  const callback = collapseMonitor({ heldOut: { inputs: circle, count: 8 }, patience: 1 });
  const { run, emitted } = runOf((inputs) => inputs, point);
  for (const event of [start, step(3, 0.8), epoch(0)]) await callback.onEvent(event, run);
  expect(emitted.map(({ type }) => type)).toEqual(['report']);
});

test('the online probe goes on from one measurement to the next, and starts anew with each run', async () => {
  const count = 400;
  const { normal } = randomStream(['probe']);
  const labels = Int32Array.from({ length: count }, (_, row) => row % 2);
  const inputs = Float32Array.from({ length: 2 * count }, (_, at) => normal() + (at % 4 === 0 ? 2 : 0));
  const sets = { bank: { inputs, count, labels, classes: 2 }, test: { inputs, count, labels, classes: 2 } };
  const callback = onlineProbe({ ...sets, iterations: 1, l2: 0 });
  const { run, emitted } = runOf();
  for (const event of [start, epoch(0), epoch(1), start]) await callback.onEvent(event, run);
  const accuracies = emitted.flatMap((event) => (event.type === 'report' ? [event.figures.accuracy ?? 0] : []));
  expect(accuracies).toHaveLength(4);
  expect(accuracies[2]).toBeGreaterThan(0.8);
  expect(accuracies[2]).not.toBe(accuracies[0]);
  expect(accuracies[3]).toBe(accuracies[0]);
  expect(emitted[0]).toMatchObject({ source: 'online-probe', step: 0, figures: { timeShare: expect.any(Number) } });
});

const reported = (step: number, knn: number): TrainingEvent => ({
  type: 'report',
  step,
  source: 'online-knn',
  figures: { knn },
});

test('the best checkpoint is replaced where the figure is better, and by no NaN', async () => {
  const callback = bestCheckpoint({ by: 'online-knn/knn' });
  const { run, emitted, checkpoints } = runOf();
  await callback.onEvent(start, run);
  for (const [at, knn] of [0.5, Number.NaN, 0.7, 0.6, 0.7].entries()) await callback.onEvent(reported(at, knn), run);
  expect(emitted.map((event) => ('step' in event ? event.step : -1))).toEqual([0, 2]);
  expect(checkpoints).toEqual({ best: { by: 'online-knn/knn', mode: 'max', value: '0.7' } });
});

test('a resumed run must beat what the interrupted one had reached by the same figure', async () => {
  const { run, emitted, checkpoints } = runOf();
  checkpoints.best = { by: 'loss', mode: 'min', value: '0.5' };
  const resumed = { ...start, resumedFrom: 3 };
  const worse = bestCheckpoint();
  for (const event of [resumed, epoch(1)]) await worse.onEvent(event, run); // a mean loss of 1
  expect(emitted).toEqual([]);
  const other = bestCheckpoint({ by: 'online-knn/knn' });
  for (const event of [resumed, reported(4, 0.1)]) await other.onEvent(event, run);
  expect(checkpoints.best).toMatchObject({ value: '0.1' });
});

test('the best checkpoint warns at the end where nothing reports its figure', async () => {
  const callback = bestCheckpoint({ by: 'online-knn/top5' });
  const { run, emitted } = runOf();
  for (const event of [start, reported(0, 0.5), epoch(0), epoch(1), epoch(2)]) await callback.onEvent(event, run);
  expect(emitted).toMatchObject([{ type: 'warning', message: expect.stringContaining('No finite online-knn/top5') }]);
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
  expect(refusalOf(() => collapseMonitor({ minDirections: -1 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => collapseMonitor({ heldOut: { inputs: circle, count: 1 } }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => onlineProbe({ ...sets, iterations: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => onlineProbe({ ...sets, l2: -1 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => bestCheckpoint({ by: 'knn' }))).toBe('INVALID_OPTION');
});
