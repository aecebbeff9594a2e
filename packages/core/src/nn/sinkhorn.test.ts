import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import edge from '../../golden/edge_sinkhorn_sharp.json' with { type: 'json' };
import swav from '../../golden/sinkhorn_swav_b8_k6_it3.json' with { type: 'json' };
import { cpu } from '../backends/cpu';
import { expectGolden, fromGolden } from '../goldenFixture';
import { tf } from '../tf';
import { sinkhorn } from './sinkhorn';

beforeAll(async () => {
  await cpu().open();
});

const values = (x: tf.Tensor) => [...x.dataSync()];
const ofShape = (batch: number, count: number) =>
  fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: batch * count, maxLength: batch * count });

test('two samples that want one prototype share two of them', () => {
  const scores = tf.tensor2d([
    [1, 0],
    [0, 0],
  ]);
  const [first = 0, second = 0, third = 0, fourth = 0] = values(sinkhorn(scores, { epsilon: 1, iterations: 50 }));
  expect([first + second, third + fourth]).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)]);
  expect([first + third, second + fourth]).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)]);
  expect((first * fourth) / (second * third)).toBeCloseTo(Math.E, 3); // scaling rows and columns keeps cross ratios
});

test('gives the codes of SwAV', () => {
  const { epsilon, iterations } = swav.params;
  const scores: tf.Tensor2D = tf.reshape(fromGolden(swav.inputs.scores), [8, 6]);
  expectGolden(sinkhorn(scores, { epsilon, iterations }), swav.outputs.q, swav.tolerance.float32.outputs_rtol_of_max);
});

test('gives the codes of DINOv2 where exp(scores/ε) nearly overflows', () => {
  const scores: tf.Tensor2D = tf.reshape(fromGolden(edge.inputs.teacher_output), [5, 4]);
  const codes = sinkhorn(scores, { epsilon: tf.scalar(edge.params.teacher_temp) });
  expectGolden(codes, edge.outputs.q, edge.tolerance.float32.outputs_rtol_of_max);
});

test('rows sum to 1 and columns to batch/count, whatever the scores', () => {
  fc.assert(
    fc.property(ofShape(6, 4), (given) => {
      const codes = sinkhorn(tf.tensor2d(given, [6, 4]), { epsilon: 0.5, iterations: 30 });
      for (const sum of values(tf.sum(codes, 1))) expect(sum).toBeCloseTo(1, 5);
      for (const sum of values(tf.sum(codes, 0))) expect(sum).toBeCloseTo(1.5, 2);
    }),
    { numRuns: 30 },
  );
});

test('a constant added to all scores changes nothing', () => {
  fc.assert(
    fc.property(ofShape(4, 3), fc.integer({ min: -50, max: 50 }), (given, shift) => {
      const scores = tf.tensor2d(given, [4, 3]);
      const difference = tf.sub(sinkhorn(scores), sinkhorn(tf.add(scores, shift)));
      expect(values(tf.max(tf.abs(difference)))[0]).toBeLessThan(1e-3); // shift/ε costs digits
    }),
    { numRuns: 30 },
  );
});

test('rows of weight 0 receive codes without changing those of others', () => {
  const own = tf.tensor2d([
    [0.9, 0.1],
    [0.8, 0.3],
    [0.2, 0.4],
  ]);
  const queued = tf.tensor2d([
    [1, -1],
    [30, -30],
  ]);
  const rowWeights = tf.tensor1d([1, 1, 1, 0, 0]);
  const codes = values(sinkhorn(tf.concat2d([own, queued], 0), { rowWeights }));
  for (const [at, value] of values(sinkhorn(own)).entries()) expect(codes[at]).toBeCloseTo(value, 5);
  expect(codes.slice(6)).toEqual([expect.closeTo(1, 5), expect.closeTo(0, 5), 1, 0]);
});

test('solves each problem of a stack by itself', () => {
  const scores = tf.randomNormal<tf.Rank.R3>([3, 5, 4], 0, 1, 'float32', 1);
  const alone = tf.stack(tf.unstack(scores).map((one) => sinkhorn(one)));
  expect(values(tf.max(tf.abs(tf.sub(sinkhorn(scores), alone))))[0]).toBeLessThan(1e-6);
});

test('codes stay finite where a prototype is far from every sample', () => {
  const codes = values(
    sinkhorn(
      tf.tensor2d([
        [1, -1],
        [1, -1],
      ]),
      { epsilon: 0.001 },
    ),
  );
  for (const value of codes) expect(value).toBeCloseTo(0.5, 3);
});

test('no gradient flows to the scores', () => {
  const gradient = tf.grad((scores) => tf.sum(tf.square(sinkhorn(tf.reshape(scores, [2, 2])))))(
    tf.tensor2d([
      [1, 0],
      [0, 2],
    ]),
  );
  expect(values(gradient)).toEqual([0, 0, 0, 0]);
});

test('refuses what is no number of iterations, and no ε', () => {
  const scores = tf.zeros<tf.Rank.R2>([2, 2]);
  for (const options of [{ epsilon: 0 }, { epsilon: -1 }, { iterations: 0 }, { iterations: 1.5 }]) {
    expect(() => sinkhorn(scores, options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  }
});
