import {
  type BackendSession,
  cpu,
  type EvaluatedNetwork,
  evaluationNotes,
  type HostTensors,
  initialise,
} from '@unlabel/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawShots } from './fewShot';
import { supervisedBaseline } from './fineTune';
import { fineTuneEvaluator, supervisedEvaluator } from './fineTuneEvaluator';
import { labelledBatches } from './labelledBatches';
import { plane, quadrants } from './planeFixture';

let session: BackendSession;
beforeAll(async () => {
  session = await cpu().open();
});
afterAll(() => session.dispose());

const [bank, queries] = [quadrants(400, 1), quadrants(200, 2)];
const encoder = plane();

/** A network that keeps what it was asked for. */
function watched(weights: HostTensors) {
  const asked: { rows: number[]; batchSize: number; views: unknown; seed: number }[] = [];
  const network: EvaluatedNetwork = {
    encoder,
    weights,
    session,
    testInputs: async () => queries.features,
    bankBatches: async (rows, { views, batchSize, seed }) => {
      asked.push({ rows: [...rows], batchSize, views, seed });
      const labels = rows.map((row) => bank.labels[row] ?? 0);
      const inputs = Float32Array.from([...rows].flatMap((row) => [...bank.features.subarray(2 * row, 2 * row + 2)]));
      return labelledBatches({ inputs, count: rows.length, labels, classes: 2 }, { inputShape: [2], batchSize, seed });
    },
  };
  return { network, asked };
}

test('a draw shows the rows that few-shot sees at the same seed, also where some rows have no label', async () => {
  const { network, asked } = watched(initialise(encoder.variables, 0));
  const evaluator = supervisedEvaluator({ perClass: 4, draws: 2, epochs: 1, views: 'evaluation' });
  await evaluator.evaluate(bank, queries, 5, undefined, undefined, network);
  expect(asked.map(({ rows }) => rows)).toEqual([0, 1].map((draw) => [...drawShots(bank, 4, [5, 'few-shot', draw])]));
  expect(asked[0]).toMatchObject({ batchSize: 8, views: 'evaluation' });
  expect(new Set(asked.map(({ seed }) => seed)).size).toBe(2);

  const partly = { ...bank, labels: bank.labels.map((label, row) => (row % 2 === 0 ? -1 : label)) };
  await evaluator.evaluate(partly, queries, 5, undefined, undefined, network);
  expect(
    asked
      .slice(2)
      .flatMap(({ rows }) => rows)
      .every((row) => row % 2 === 1),
  ).toBe(true);
  expect(asked[2]?.rows.map((row) => bank.labels[row])).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
});

test('the mean of draws, its interval and every draw; the same again for the same seed', async () => {
  const { network } = watched(initialise(encoder.variables, 0));
  const notes = evaluationNotes();
  const evaluator = supervisedEvaluator({ perClass: 'all', draws: 2, epochs: 8, batchSize: 32, learningRate: 0.03 });
  const figures = await evaluator.evaluate(bank, queries, 0, notes, undefined, network);
  expect(figures.accuracy).toBeGreaterThan(0.85); // a linear classifier stays at chance
  const [first = 0, second = 0] = Object.values(notes.details.draws ?? {}).flat();
  expect(figures.accuracy).toBeCloseTo((first + second) / 2, 12);
  expect(figures.confidence95).toBeCloseTo((12.706 * (figures.standardDeviation ?? 0)) / Math.SQRT2, 9);
  expect(await evaluator.evaluate(bank, queries, 0, undefined, undefined, network)).toEqual(figures);
});

test('fine-tuning goes on from the weights given, so that a few labels do', async () => {
  const { inputs, count, labels, classes } = { ...bank, inputs: bank.features };
  const batches = labelledBatches({ inputs, count, labels, classes }, { inputShape: [2], batchSize: 64 });
  const known = { inputs: queries.features, ...queries };
  const { weights } = await supervisedBaseline({
    encoder,
    session,
    batches,
    test: known,
    learningRate: 0.03,
    epochs: 12,
  });
  const trunk = Object.entries(weights).filter(([name]) => name.startsWith('trunk/'));
  const { network } = watched(Object.fromEntries(trunk.map(([name, value]) => [name.slice('trunk/'.length), value])));
  const recipe = { perClass: 5, draws: 3, epochs: 60, learningRate: 0.01 };
  const tuned = await fineTuneEvaluator(recipe).evaluate(bank, queries, 0, undefined, undefined, network);
  const fromScratch = await supervisedEvaluator(recipe).evaluate(bank, queries, 0, undefined, undefined, network);
  expect(tuned.accuracy).toBeGreaterThan((fromScratch.accuracy ?? 1) + 0.1);
});

test('ends its training when the signal of the network says so', async () => {
  const network = { ...watched({}).network, signal: AbortSignal.abort() };
  const ended = supervisedEvaluator({ perClass: 2 }).evaluate(bank, queries, 0, undefined, undefined, network);
  await expect(ended).rejects.toMatchObject({ code: 'ABORTED' });
});

test('refuses features without a network, one draw, and more labels than there are', async () => {
  const { network } = watched({});
  await expect(fineTuneEvaluator().evaluate(bank, queries, 0)).rejects.toMatchObject({ code: 'NETWORK_MISSING' });
  const refused = (options: object) =>
    expect(supervisedEvaluator(options).evaluate(bank, queries, 0, undefined, undefined, network)).rejects;
  await refused({ draws: 1 }).toMatchObject({ code: 'INVALID_OPTION' });
  await refused({ perClass: 300 }).toMatchObject({ code: 'INVALID_OPTION' });
});
