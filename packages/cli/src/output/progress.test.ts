import { PassThrough } from 'node:stream';
import type { TrainingEvent } from '@unlabel/core';
import { expect, test } from 'vitest';
import { createProgress } from './progress';

const step = (number: number): TrainingEvent => ({
  type: 'step',
  step: number,
  epoch: Math.ceil(number / 2) - 1,
  loss: 4.21,
  terms: { invariance: 0.5, variance: 0.25 },
  scalars: { learningRate: 0.001 },
  samplesPerSecond: 1354,
  projectionStd: 0.9,
});
const epoch = (number: number): TrainingEvent => ({ type: 'epoch', epoch: number, step: 2 * number + 2, meanLoss: 4 });
const start: TrainingEvent = { type: 'start', totalSteps: 4, epochs: 2, resumedFrom: 0, backend: 'cpu' };
const knn: TrainingEvent = { type: 'report', step: 2, source: 'online-knn', figures: { knn: 0.7825, timeShare: 0.03 } };
const rank: TrainingEvent = {
  type: 'report',
  step: 2,
  source: 'collapse-monitor',
  figures: { rankMe: 12.345, featureStd: 0.9, timeShare: 0.01 },
};
const broken: TrainingEvent = { type: 'warning', step: 3, source: 'loader', message: 'a.png is unreadable' };

function shown(events: readonly TrainingEvent[], isTTY: boolean): string {
  const stream = Object.assign(new PassThrough(), { isTTY });
  const progress = createProgress({ stream });
  for (const event of events) progress.show(event);
  progress.stop();
  return String(stream.read() ?? '');
}

test('without a terminal each epoch is one line, with the figures measured after it', () => {
  const lines = shown([start, step(1), step(2), epoch(0), rank, knn, step(3), broken, step(4), epoch(1)], false)
    .trim()
    .split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(
    /^epoch 1\/2 {2}step 2\/4 {2}loss 4\.210 \(invariance 0\.500, variance 0\.250\) {2}1,354 images\/s {2}RankMe 12\.3 {2}kNN 78\.25 % {2}ETA/,
  );
  expect(lines[1]).toBe('warning (loader): a.png is unreadable');
  expect(lines[2]).toMatch(/^epoch 2\/2 {2}step 4\/4/);
});

test('on a terminal the line is rewritten in place', () => {
  const text = shown([start, step(1), step(2)], true);
  expect(text).toContain('\u001b['); // cursor movement
  expect(text.split('\n').length).toBeLessThan(3);
});
