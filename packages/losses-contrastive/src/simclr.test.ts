import { cpu, tf } from '@unlabel/core';
import { assertGolden, numberOf, readGolden, refusalOf } from '@unlabel/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { firstState, inputView, linearEncoder, stepOf } from './methodFixture';
import { multiViewNtXentLoss } from './ntXent';
import { type SimclrOptions, simclr } from './simclr';
import { simclrGolden } from './simclr.golden';

beforeAll(async () => {
  await cpu().open();
});

const report = (views: readonly tf.Tensor[], options: SimclrOptions = {}) =>
  stepOf(simclr(options), views, firstState(simclr(options)));

test('trains as the reference does', async () => {
  assertGolden(await readGolden(`${import.meta.dirname}/../golden/traj_simclr_sgd.json`), simclrGolden);
});

test('projects to 128 dimensions through a layer as wide as the encoder, unless told otherwise', () => {
  const shapeOf = (options: SimclrOptions, name: string) => simclr(options).bind(linearEncoder).variables[name]?.shape;
  expect(shapeOf({}, 'projector/layers/0/dense/kernel')).toEqual([5, 5]);
  expect(shapeOf({}, 'projector/layers/1/dense/kernel')).toEqual([5, 128]);
  expect(shapeOf({ projector: [7, 3] }, 'projector/layers/1/dense/kernel')).toEqual([7, 3]);
});

test('takes more than two views, and shows the projection of the first', () => {
  const views = [inputView(1), inputView(2), inputView(3)];
  const { loss, terms, projection } = report(views, { projector: [8, 3], temperature: 0.2 });
  expect(numberOf(terms.ntXent ?? tf.scalar(0))).toBe(numberOf(loss));
  expect(projection.shape).toEqual([4, 3]);
  expect(numberOf(loss)).not.toBeCloseTo(numberOf(report(views, { projector: [8, 3] }).loss), 3);
  expect(numberOf(loss)).toBeGreaterThan(0);
  expect(numberOf(multiViewNtXentLoss([projection, projection, projection]))).toBeLessThan(numberOf(loss));
});

describe('with a temperature that is learned', () => {
  const options = { projector: [8, 3], temperature: 0.2, learnTemperature: true };
  const views = () => [inputView(1), inputView(2)];

  test('begins at the one that it is given, and moves it', () => {
    const state = firstState(simclr(options));
    const fixed = report(views(), { ...options, learnTemperature: false });
    expect(numberOf(stepOf(simclr(options), views(), state).loss)).toBeCloseTo(numberOf(fixed.loss), 5);
    const { logScale = tf.scalar(0), ...others } = state;
    const of = (scale: tf.Tensor) => stepOf(simclr(options), views(), { ...others, logScale: scale }).loss;
    const slope = (numberOf(of(tf.add(logScale, 0.01))) - numberOf(of(tf.sub(logScale, 0.01)))) / 0.02;
    expect(slope).not.toBeCloseTo(0, 2);
    expect(simclr(options).bind(linearEncoder).variables.logScale?.trainable).toBe(true);
    expect('logScale' in simclr().bind(linearEncoder).variables).toBe(false);
  });

  test('keeps it from 0.01 on', () => {
    const { moved } = stepOf(simclr(options), views(), { ...firstState(simclr(options)), logScale: tf.scalar(9) });
    expect(Math.exp(-numberOf(moved.logScale ?? tf.scalar(0)))).toBeCloseTo(0.01, 6);
  });
});

test('refuses a temperature of 0', () => expect(refusalOf(() => simclr({ temperature: 0 }))).toBe('INVALID_OPTION'));
