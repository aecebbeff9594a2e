import { cpu, tf } from '@unlabel/core';
import { expectGradients, numberOf, refusalOf } from '@unlabel/testkit';
import { beforeAll, expect, test } from 'vitest';
import { dinov2Loss, dinov2Terms } from './dinov2';
import { ibotLoss } from './ibot';
import { koleoLoss } from './koleo';

beforeAll(async () => {
  await cpu().open();
});

const rows = (seed: number, count = 3) => tf.randomNormal<tf.Rank.R2>([count, 4], 0, 1, 'float32', seed);
const masks = () => tf.tile(tf.tensor2d([[1, 0]]), [6, 1]);
const origin = () => ({ cls: tf.zeros([1, 4]), patches: tf.zeros([1, 4]) });
const outputs = (seed: number) => ({
  cls: [rows(seed), rows(seed + 1)],
  patches: tf.randomNormal<tf.Rank.R3>([6, 2, 4], 0, 1, 'float32', seed + 2),
  features: rows(seed + 3, 6),
});

test('adds KoLeo of each global view to what iBOT adds up', () => {
  const [student, teacher] = [outputs(1), outputs(11)];
  const features = tf.split<tf.Tensor2D>(student.features, 2).map((view) => numberOf(koleoLoss(view)));
  const whole = numberOf(ibotLoss(student, teacher, masks(), origin()));
  const koleo = features.reduce((sum, value) => sum + value);
  expect(numberOf(dinov2Terms(student, teacher, masks(), origin()).koleo)).toBeCloseTo(koleo, 5);
  expect(numberOf(dinov2Loss(student, teacher, masks(), origin()))).toBeCloseTo(whole + 0.1 * koleo, 4);
  expect(numberOf(dinov2Loss(student, teacher, masks(), origin(), { koleoWeight: 2 }))).toBeCloseTo(
    whole + 2 * koleo,
    4,
  );
});

test('has the gradient that differences of its values have', () => {
  const soft = { studentTemperature: 0.5, teacherTemperature: 0.5 };
  const { cls, patches } = outputs(1);
  expectGradients(
    (features) => dinov2Loss({ cls, patches, features }, outputs(11), masks(), origin(), soft),
    [rows(4, 6)],
  );
});

test('does not depend on the order of samples, and shares prototypes out with Sinkhorn–Knopp', () => {
  const reversed = ({ cls, patches, features }: ReturnType<typeof outputs>) => ({
    cls: cls.map((view) => tf.reverse(view, 0)).reverse(), // views change places, too, as rows of both are reversed
    patches: tf.reverse(patches, 0),
    features: tf.reverse(features, 0),
  });
  for (const centers of [origin(), { cls: 'sinkhorn', patches: 'sinkhorn' } as const]) {
    const loss = numberOf(dinov2Loss(outputs(1), outputs(11), masks(), centers));
    const other = numberOf(dinov2Loss(reversed(outputs(1)), reversed(outputs(11)), masks(), centers));
    expect(Math.abs(other - loss)).toBeLessThan(1e-3);
  }
});

test('refuses a batch of one, whose features have no neighbour', () => {
  const one = { cls: [rows(1, 1), rows(2, 1)], patches: tf.zeros<tf.Rank.R3>([2, 2, 4]), features: rows(3, 2) };
  expect(refusalOf(() => dinov2Loss(one, one, tf.ones([2, 2]), origin()))).toBe('BATCH_TOO_SMALL');
});
