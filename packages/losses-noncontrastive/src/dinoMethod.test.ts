import { cpu, tf } from '@unlabel/core';
import { gradientsOf, numberOf } from '@unlabel/testkit';
import { beforeAll, expect, test } from 'vitest';
import { type DinoMethodOptions, dino } from './dino';
import { firstState, imageView, lossOf, plainEncoder } from './tokenFixture';

beforeAll(async () => {
  await cpu().open();
});

const small = { hidden: [8], bottleneck: 4, prototypes: 6 };
const encoder = plainEncoder();
const views = () => [imageView(1), imageView(2), imageView(3, 4)];
const report = (options: DinoMethodOptions = {}) => lossOf(dino({ ...small, ...options }), { encoder, views: views() });
const largest = (x: tf.Tensor | number) => numberOf(tf.max(tf.abs(x)));

test('the centre follows the teacher’s logits of the global views', () => {
  const same = [imageView(1), imageView(1)];
  const { projection, updates } = lossOf(dino(small), { encoder, views: same });
  const teacherMean = tf.mean(projection, 0, true); // the teacher is the student at first
  expect(largest(tf.sub(updates.center ?? 1, tf.mul(0.1, teacherMean)))).toBeLessThan(1e-6);
  expect(largest(report({ centerMomentum: 1 }).updates.center ?? 1)).toBe(0);
});

test('the prototypes stay as they were drawn during the first epoch', () => {
  const gradientOf = (options: DinoMethodOptions) => {
    const objective = dino({ ...small, ...options });
    const { 'projector/prototypes/kernel': kernel = tf.scalar(0), ...rest } = firstState(objective, encoder);
    const state = { ...rest, 'projector/prototypes/kernel': kernel };
    return gradientsOf(() => lossOf(objective, { encoder, views: views(), state }).loss, { kernel });
  };
  expect(gradientOf({}).every((value) => value === 0)).toBe(true);
  expect(gradientOf({ freezeEpochs: 0 }).some((value) => value !== 0)).toBe(true);
});

test('each option has its effect on the loss', () => {
  const loss = numberOf(report().loss);
  for (const options of [
    { studentTemperature: 0.2 },
    { warmupTeacherTemperature: 0.06 }, // the temperature of the first step
    { warmupEpochs: 0 },
    { centring: 'sinkhorn' },
  ] as const) {
    expect(Math.abs(numberOf(report(options).loss) - loss)).toBeGreaterThan(1e-3);
  }
});

test('asks for the local crops that it was told of', () => {
  expect(() => report({ localViews: 8 })).toThrow('localViews is 8, but the loader gives 1 local crops.');
  expect(() => report({ localViews: 1 })).not.toThrow();
});
