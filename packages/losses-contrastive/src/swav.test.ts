import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { firstState, inputView, linearEncoder, stepOf } from './methodFixture';
import { type SwavOptions, swav, swavCodes, swavLoss } from './swav';
import { swavGolden } from './swav.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  swavGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 6, columns = 5) =>
  tf.randomUniform<tf.Rank.R2>([rows, columns], -1, 1, 'float32', seed);
const zeros = (): tf.Tensor2D => tf.zeros([6, 5]);

test('is the cross-entropy between codes and predictions, for all views but the code’s own', () => {
  const apart = tf.mul<tf.Tensor2D>(tf.eye(2), 4); // ε = 0.05: codes are one-hot
  const agree = Math.log1p(Math.exp(-4));
  const opposite = agree + 4;
  const loss = (views: tf.Tensor2D[], low: tf.Tensor2D[] = []) => numberOf(swavLoss(views, low, { temperature: 1 }));
  const other = tf.reverse(apart, 0);
  expect(loss([apart, apart])).toBeCloseTo(agree, 5);
  expect(loss([apart, other])).toBeCloseTo(opposite, 5);
  expect(loss([apart], [apart, other])).toBeCloseTo((agree + opposite) / 2, 5);
  expect(loss([apart, apart], [other])).toBeCloseTo((2 * agree + 2 * opposite) / 4, 5);
  expect(numberOf(swavLoss([apart, other]))).toBeCloseTo(40 + Math.log1p(Math.exp(-40)), 4); // τ = 0.1
});

test('hands on ε and the iterations of Sinkhorn–Knopp', () => {
  const views = [random(1), random(2)];
  const loss = (options = {}) => numberOf(swavLoss(views, [], options));
  expect(loss()).toBeCloseTo(loss({ epsilon: 0.05, iterations: 3 }), 6);
  expect(loss({ epsilon: 0.5 })).not.toBeCloseTo(loss(), 3);
  expect(loss({ iterations: 30 })).not.toBeCloseTo(loss(), 4);
});

describe('agrees with the reference', () => {
  test('in two golden files', () => expect(files.length).toBe(2));
  test.each(files)('$name', (file) => assertGolden(file, swavGolden));
});

test('has the gradient that differences of its values have where codes stay, and none through codes', () => {
  expectGradients((low) => swavLoss([random(1)], [low], { temperature: 0.5 }), [random(2)]);
  const high = random(1);
  expect(gradientsOf(() => swavLoss([high], [random(2)]), { high }).every((gradient) => gradient === 0)).toBe(true);
  const queue = random(3, 9);
  const queued = () => swavLoss([random(1), random(2)], [], { queue: [queue, queue] });
  expect(gradientsOf(queued, { queue }).every((gradient) => gradient === 0)).toBe(true);
});

test('does not depend on the order of views, samples, prototypes or queues, nor on a constant in codes’ scores', () => {
  assert(
    property(integer({ min: 1, max: 1e6 }), double({ min: -1, max: 1, noNaN: true }), (seed, shift) => {
      const [z0, z1, z2, queue] = [random(seed), random(seed + 1), random(seed + 2), random(seed + 3, 9)];
      const of = (high: tf.Tensor2D[], low: tf.Tensor2D, rows: tf.Tensor2D) =>
        numberOf(swavLoss(high, [low], { queue: [rows, rows] }));
      const loss = of([z0, z1], z2, queue);
      expect(of([z1, z0], z2, queue)).toBeCloseTo(loss, 3);
      for (const axis of [0, 1]) {
        const turned = (x: tf.Tensor2D): tf.Tensor2D => tf.reverse(x, axis);
        expect(of([turned(z0), turned(z1)], turned(z2), turned(queue))).toBeCloseTo(loss, 3);
      }
      const shifted = (x: tf.Tensor2D): tf.Tensor2D => tf.add(x, shift);
      expect(of([shifted(z0), shifted(z1)], shifted(z2), shifted(queue))).toBeCloseTo(loss, 3);
    }),
    { numRuns: 20 },
  );
});

test('a queue changes codes only when it has weight', () => {
  const [scores, queue] = [random(1), random(2, 9)];
  const far = (queueWeight: number | tf.Scalar) =>
    numberOf(tf.max(tf.abs(tf.sub(swavCodes(scores, queue, { queueWeight }), swavCodes(scores)))));
  expect(far(0)).toBeLessThan(1e-6);
  expect(far(tf.scalar(0))).toBeLessThan(1e-6);
  expect(far(1)).toBeGreaterThan(0.01);
});

test('stays finite, with finite gradients, for equal scores, a batch of one, far scores and extreme temperatures', () => {
  const differentiate = (z0: tf.Tensor2D, z1: tf.Tensor2D, temperature = 0.1) => {
    const loss = () => swavLoss([z0, z1], [], { temperature });
    return [numberOf(loss()), ...gradientsOf(loss, { z0, z1 })];
  };
  expect(differentiate(zeros(), zeros())[0]).toBeCloseTo(Math.log(5), 5);
  expect(differentiate(random(1, 1), random(2, 1)).every(Number.isFinite)).toBe(true);
  expect(differentiate(tf.mul(random(1), 1e3), tf.mul(random(2), 1e3)).every(Number.isFinite)).toBe(true);
  for (const temperature of [1e-6, 1e6]) {
    expect(differentiate(random(1), random(2), temperature).every(Number.isFinite)).toBe(true);
  }
});

test('refuses crops and queues that do not fit, and options that are not positive', () => {
  const [z0, z1] = [random(1), random(2)];
  expect(refusalOf(() => swavLoss([z0]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => swavLoss([], [z0, z1]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => swavLoss([z0], [random(2, 6, 4)]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => swavLoss([z0, z1], [], { queue: [random(3, 9)] }))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => swavLoss([z0], [z1], { queue: [random(3, 9, 4)] }))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => swavLoss([z0, z1], [], { temperature: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => swavLoss([z0, z1], [], { epsilon: 0 }))).toBe('INVALID_OPTION');
});

describe('the method', () => {
  const small: SwavOptions = { projector: [7, 3], prototypes: 8 };
  const views = () => [inputView(1), inputView(2)];
  const run = (options: SwavOptions, state = firstState(swav(options)), given = views()) =>
    stepOf(swav(options), given, state);
  const schedule = (options: SwavOptions, name: string) => (step: number) =>
    swav(options).bind(linearEncoder).schedules?.[name]?.(100, 10)(step);

  test('has the paper’s heads', () => {
    const { variables } = swav().bind(linearEncoder);
    expect(variables['projector/layers/1/dense/kernel']?.shape).toEqual([2048, 128]);
    expect(variables['prototypes/kernel']?.shape).toEqual([3000, 128]);
    expect(Object.keys(variables).some((name) => name.startsWith('queues/'))).toBe(false);
  });

  test('keeps prototypes still for its first steps, and queues uncounted for its first epochs', () => {
    expect([312, 313].map(schedule({}, 'live'))).toEqual([0, 1]);
    expect([6, 7].map(schedule({ freezeSteps: 7 }, 'live'))).toEqual([0, 1]);
    expect([149, 150].map(schedule({}, 'queueWeight'))).toEqual([0, 1]);
    expect([19, 20].map(schedule({ queueEpoch: 2 }, 'queueWeight'))).toEqual([0, 1]);
    const gradient = (freezeSteps: number) => {
      const { 'prototypes/kernel': kernel = tf.zeros([0]), ...others } = firstState(swav(small));
      const loss = () => run({ ...small, freezeSteps }, { ...others, 'prototypes/kernel': kernel }).loss;
      return gradientsOf(loss, { kernel });
    };
    expect(gradient(1).every((value) => value === 0)).toBe(true);
    expect(gradient(0).some((value) => value !== 0)).toBe(true);
  });

  test('queues the unit projections of both global views, read before they are written', () => {
    const options = { ...small, queueSize: 9, queueEpoch: 0 };
    const { updates, projection, loss } = run(options);
    const added = tf.slice(updates['queues/0/queue/rows'] ?? [], [0, 0], [4, 3]);
    const unit = tf.div(projection, tf.norm(projection, 2, 1, true));
    expect(numberOf(tf.max(tf.abs(tf.sub(added, unit))))).toBeLessThan(1e-5);
    expect(numberOf(updates['queues/1/queue/pointer'] ?? tf.scalar(0))).toBe(4);
    expect(numberOf(run(options, { ...firstState(swav(options)), ...updates }).loss)).not.toBeCloseTo(
      numberOf(loss),
      4,
    );
    expect(numberOf(run({ ...options, queueEpoch: 1 }).loss)).toBeCloseTo(numberOf(run(small).loss), 4);
  });

  test('refuses a queue smaller than the batch, and queues for another number of global views than two', () => {
    expect(refusalOf(() => run({ ...small, queueSize: 3 }))).toBe('INVALID_OPTION');
    const three = [...views(), inputView(3)];
    expect(refusalOf(() => run({ ...small, queueSize: 9 }, undefined, three))).toBe('INVALID_OPTION');
    expect(run(small, undefined, three).projection.shape).toEqual([4, 3]);
  });
});
