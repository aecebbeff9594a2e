import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { classTable, measuredConfusion } from './classFigures';
import { collapseRisk } from './collapseRisk';
import { describeComparison } from './compareRuns';
import { describeRun } from './describeRun';
import { readRunRecord } from './runRecord';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unlabel-run-'));
  await writeFile(join(folder, 'config.yaml'), 'objective: { name: byol }\ndata: { dataset: idx }\n');
});

const step = (at: number, projectionStd: number) =>
  JSON.stringify({
    type: 'step',
    step: at,
    epoch: 0,
    loss: 1 / at,
    terms: { distance: 1, spread: 2 },
    scalars: { learningRate: 0.1 },
    samplesPerSecond: 10,
    projectionStd,
  });
const start = JSON.stringify({ type: 'start', totalSteps: 3, epochs: 1, resumedFrom: 0, backend: 'onnx' });
const warning = JSON.stringify({ type: 'warning', step: 2, source: 'collapse-monitor', message: 'Look out.' });
const log = (lines: readonly string[]) => writeFile(join(folder, 'metrics.jsonl'), lines.join('\n'));

test('a run that is at work, with a line cut off, has curves, warnings and no evaluation', async () => {
  await log([start, step(1, 0.9), warning, step(2, 0.8), '{"type":"step","st']);
  const data = describeRun(await readRunRecord(folder));
  expect(data.subtitle).toBe('byol on idx, 1 epoch; not finished');
  expect(data.warnings).toEqual(['Step 2: Look out.']);
  expect(data.curves?.map(({ title }) => title)).toEqual([
    'Loss',
    'Terms of the loss',
    'Spread of the projections',
    'Learning rate',
    'Pace',
  ]);
  expect(data.curves?.[0]?.series[0]?.points).toEqual([
    [1, 1],
    [2, 0.5],
  ]);
  expect(data.tables).toBeUndefined();
});

test('a run before its first step is a report, too, and a folder without config is none', async () => {
  expect(describeRun(await readRunRecord(folder)).curves).toBeUndefined();
  await expect(readRunRecord(join(folder, 'none'))).rejects.toMatchObject({ code: 'RUN_FOLDER_INVALID' });
  await writeFile(join(folder, 'report.json'), '{"evaluation": "hacked"}');
  await expect(readRunRecord(folder)).rejects.toMatchObject({ code: 'RUN_FOLDER_INVALID' });
});

const outcome = (rankMe: number, accuracy: number) => ({
  steps: 3,
  trainingSeconds: 65,
  waitedSeconds: 0,
  callbackSeconds: 0,
  evaluation: [
    {
      features: 'trained encoder',
      figures: { knn: { accuracy }, 'few-shot, perClass 5': { accuracy: 0.6, confidence95: 0.05 } },
      testCount: 100,
      geometry: { rankMe, featureStd: 0.5, count: 100, dim: 50 },
    },
  ],
});

test.each([
  ['healthy', 0.9, 25],
  ['at risk', 0.2, 25],
  ['at risk', 0.9, 4],
  ['collapsed', 0.05, 25],
  ['collapsed', 0.9, 1.2],
])('a run is %s with projections of spread %d and a RankMe of %d of 50', async (verdict, spread, rankMe) => {
  await log([start, step(1, 0.9), step(2, 0.9), step(3, spread)]);
  await writeFile(join(folder, 'report.json'), JSON.stringify(outcome(rankMe, 0.7)));
  const risk = collapseRisk(await readRunRecord(folder));
  expect(risk).toEqual({ projectionStd: spread, rankMe, rankShare: rankMe / 50, verdict });
});

test('projections of healthy spread along few directions are collapsed, by the last that the monitor found', async () => {
  const found = (at: number, projectionDirections: number) =>
    JSON.stringify({
      type: 'report',
      step: at,
      source: 'collapse-monitor',
      figures: { featureDirections: 60, projectionDirections, projectionDirectionsPossible: 256 },
    });
  await writeFile(join(folder, 'report.json'), JSON.stringify(outcome(25, 0.7)));
  for (const [directions, verdict] of [
    [4, 'collapsed'],
    [10, 'at risk'],
    [31, 'healthy'],
  ] as const) {
    await log([start, step(1, 0.97), found(1, 60), step(2, 0.97), found(2, directions)]);
    const record = await readRunRecord(folder);
    expect(collapseRisk(record)).toMatchObject({ directions: { carrying: directions, possible: 256 }, verdict });
    expect(describeRun(record).headline?.map(({ label }) => label)).toContain('directions of projections');
  }
});

test('classes are told by what evaluators found, not measured again; of no use without names that fit', async () => {
  await log([start, step(1, 0.9)]);
  const details = {
    confusionMatrix: [
      [8, 2],
      [1, 9],
    ],
    perClassAccuracy: [0.8, null],
  };
  const report = outcome(25, 0.85);
  const evaluation = report.evaluation.map((row) => ({
    ...row,
    notes: { knn: { details, warnings: [], verdicts: [] } },
  }));
  await writeFile(join(folder, 'report.json'), JSON.stringify({ ...report, evaluation }));
  const record = await readRunRecord(folder);
  const measured = record.outcome?.evaluation.at(-1);
  expect(measuredConfusion(measured, ['bag', 'shoe'])).toEqual({
    title: 'knn on 20 images, in %',
    classes: ['bag', 'shoe'],
    counts: [8, 2, 1, 9],
  });
  expect(measuredConfusion(measured, ['bag', 'shoe', 'coat'])).toBeUndefined();
  expect(classTable(measured, ['bag', 'shoe'])?.rows).toEqual([
    ['bag', { text: '80.00', value: 0.8 }],
    ['shoe', '–'],
  ]);
  expect(classTable(measured, [])).toBeUndefined();
});

test('a comparison has intervals: of repeated draws where there are any, else Wilson’s', async () => {
  await log([start, step(1, 0.9)]);
  await writeFile(join(folder, 'report.json'), JSON.stringify(outcome(25, 0.5)));
  const record = await readRunRecord(folder);
  const { tables, tradeOff } = describeComparison(
    [
      { ...record, folder: 'a/x' },
      { ...record, folder: 'b/x' },
    ],
    'knn.accuracy',
  );
  const texts = tables?.[0]?.rows.map((row) => row.map((cell) => (typeof cell === 'object' ? cell.text : cell)));
  expect(texts?.[0]).toEqual([
    'a/x',
    'byol',
    '50.00 [40.4, 59.6]',
    '60.00 [55.0, 65.0]',
    '50.0',
    '0.90',
    'healthy',
    '1 min 05 s',
  ]);
  expect(tradeOff?.points.map(({ name, x, y }) => [name, x, y])).toEqual([
    ['a/x', 50, 50],
    ['b/x', 50, 50],
  ]);
  const [point] = describeComparison([record], 'few-shot.accuracy').tradeOff?.points ?? [];
  expect(point?.interval?.map(Math.round)).toEqual([55, 65]);
});
