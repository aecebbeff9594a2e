import { cpu, tf } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { beforeAll, expect, test } from 'vitest';
import { type MsnMethodOptions, msn } from './msn';
import { pmsn } from './pmsn';
import { imageView, lossOf, plainEncoder } from './tokenFixture';

beforeAll(async () => {
  await cpu().open();
});

const small = { projector: [8, 4], prototypes: 6 };
const views = () => [imageView(1), imageView(2), imageView(3, 4)];

function shown(options: MsnMethodOptions) {
  const counts: (readonly number[])[] = [];
  const { projection } = lossOf(msn({ ...small, ...options }), {
    encoder: plainEncoder(({ shape }) => counts.push(shape.slice(0, 2))),
    views: views(),
  });
  expect(projection.shape).toEqual([5, 4]);
  return counts;
}

test('shows the teacher a whole view, and the student a part of a global one and whole local ones', () => {
  expect(shown({ maskRatio: 0.15 })).toEqual([
    [5, 9],
    [5, 8],
    [5, 4],
  ]);
  expect(shown({ maskRatio: 0.7 })[1]).toEqual([5, 3]);
});

test('reports what it regularises', () => {
  const given = { encoder: plainEncoder(), views: views() };
  expect(Object.keys(lossOf(msn(small), given).terms)).toEqual(['crossEntropy', 'meMax']);
  expect(Object.keys(lossOf(pmsn(small), given).terms)).toEqual(['crossEntropy', 'prior']);
});

test('refuses encoders without tokens, masks that hide nothing or everything, and missing local crops', () => {
  const { grid: _, ...pooled } = plainEncoder();
  expect(refusalOf(() => msn(small).bind(pooled))).toBe('INVALID_OPTION');
  for (const maskRatio of [0, 0.05, 0.96, 1]) {
    expect(refusalOf(() => msn({ ...small, maskRatio }).bind(plainEncoder()))).toBe('INVALID_OPTION');
  }
  expect(() => shown({ localViews: 10 })).toThrow('localViews is 10');
  const other = () => lossOf(msn(small), { encoder: plainEncoder(), views: [imageView(1, 4), imageView(2, 4)] });
  expect(refusalOf(other)).toBe('SHAPE_MISMATCH');
  const one = views().map((view) => tf.slice(view, [0], [1]));
  expect(refusalOf(() => lossOf(msn(small), { encoder: plainEncoder(), views: one }))).toBe('BATCH_TOO_SMALL');
});
