import { cpu, initialise, layerContext, tf, toTensor } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { assert, integer, property, tuple } from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { enqueue, type Queue, queueVariables, readQueue, writeQueue } from './queue';
import { requireRows } from './requireRows';

beforeAll(async () => {
  await cpu().open();
});

const empty = (size: number): Queue => ({ rows: tf.zeros([size, 2]), pointer: tf.scalar(0) });
const filled = (value: number, batch: number): tf.Tensor2D => tf.fill([batch, 2], value);
const firstColumn = ({ rows }: Queue) => [...tf.slice2d(rows, [0, 0], [-1, 1]).dataSync()];

/** What a queue of one number a row holds after each batch b has written b + 1 in all of its rows. */
function model(size: number, batches: readonly number[]): { rows: readonly number[]; pointer: number } {
  const rows = Array.from({ length: size }, () => 0);
  let pointer = 0;
  for (const [index, batch] of batches.entries()) {
    rows.fill(index + 1, pointer, Math.min(size, pointer + batch));
    pointer = pointer + batch >= size ? 0 : pointer + batch;
  }
  return { rows, pointer };
}

test('writes from the pointer on, fills the end and starts over, without what was left of the batch', () => {
  const first = enqueue(empty(5), filled(1, 3));
  expect(firstColumn(first)).toEqual([1, 1, 1, 0, 0]);
  const second = enqueue(first, filled(2, 3));
  expect(firstColumn(second)).toEqual([1, 1, 1, 2, 2]);
  expect([...second.pointer.dataSync()]).toEqual([0]);
  expect(firstColumn(enqueue(second, filled(3, 3)))).toEqual([3, 3, 3, 2, 2]);
  expect(firstColumn(first)).toEqual([1, 1, 1, 0, 0]);
});

test('keeps the rows of a batch in order', () => {
  const keys = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  expect([...enqueue(enqueue(empty(4), keys), tf.neg(keys)).rows.dataSync()]).toEqual([1, 2, 3, 4, -1, -2, -3, -4]);
});

test('holds what a ring holds, for any sizes', () => {
  const sizes = integer({ min: 1, max: 12 }).chain((size) =>
    tuple(integer({ min: size, max: size }), integer({ min: 1, max: size }), integer({ min: 1, max: 9 })),
  );
  assert(
    property(sizes, ([size, batch, steps]) => {
      let queue = empty(size);
      const batches = Array.from({ length: steps }, () => batch);
      for (const index of batches.keys()) queue = enqueue(queue, filled(index + 1, batch));
      const expected = model(size, batches);
      expect(firstColumn(queue)).toEqual(expected.rows);
      expect([...queue.pointer.dataSync()]).toEqual([expected.pointer]);
    }),
    { numRuns: 50 },
  );
});

test('begins with different rows of length 1, and passes from step to step by its variables', () => {
  const values = Object.entries(initialise(queueVariables(7, 3), 0)).map(
    ([name, value]) => [name, toTensor(value)] as const,
  );
  const random = { normal: () => tf.scalar(0), uniform: () => tf.scalar(0) };
  const { context, updates } = layerContext(Object.fromEntries(values), { training: true, random });
  const { rows, pointer } = readQueue(context);
  for (const length of tf.norm(rows, 2, 1).dataSync()) expect(length).toBeCloseTo(1, 6);
  expect(new Set(rows.dataSync()).size).toBe(21);
  expect([...pointer.dataSync()]).toEqual([0]);
  writeQueue(context, enqueue({ rows, pointer }, tf.ones([2, 3])));
  expect(Object.keys(updates).sort()).toEqual(['queue/pointer', 'queue/rows']);
  expect([...readQueue(context).rows.dataSync()].slice(0, 6)).toEqual(Array(6).fill(1));
});

test('refuses a queue smaller than the batch, rows of another length and sizes that are none', () => {
  expect(refusalOf(() => enqueue(empty(2), filled(1, 3)))).toBe('INVALID_OPTION');
  expect(refusalOf(() => enqueue(empty(2), tf.ones([1, 3])))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => requireRows({ q: filled(1, 3), queue: tf.ones([4, 5]) }))).toBe('SHAPE_MISMATCH');
  for (const size of [0, 1.5, -3]) expect(refusalOf(() => queueVariables(size, 4))).toBe('INVALID_OPTION');
});
