import { cpu, tf } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { beforeAll, expect, test } from 'vitest';
import { tokenPositions } from './tokenPositions';

beforeAll(async () => {
  await cpu().open();
});

const positionsOf = (location: number[], tokens: number, height = 8, width = 8) =>
  tf.tidy(() => {
    const positions = tokenPositions(tf.tensor2d([location]), { tokens, view: [1, height, width, 3] });
    expect(positions.shape).toEqual([1, tokens, 2]);
    return positions.arraySync()[0]?.map((place) => place.map((value) => Math.round(value * 1e4) / 1e4));
  });

test('are the middles of the cells that tokens divide a view into, by rows', () => {
  expect(positionsOf([0.25, 0.5, 0.75, 1], 4)).toEqual([
    [0.375, 0.625],
    [0.375, 0.875],
    [0.625, 0.625],
    [0.625, 0.875],
  ]);
});

test('run from right to left in a mirrored view, so that the same part of the image has the same place in both', () => {
  const [plain, mirrored] = [positionsOf([0, 0.2, 1, 0.8], 4), positionsOf([0, 0.8, 1, 0.2], 4)];
  expect(mirrored).toEqual([
    [0.25, 0.65],
    [0.25, 0.35],
    [0.75, 0.65],
    [0.75, 0.35],
  ]);
  expect(mirrored).toEqual([plain?.[1], plain?.[0], plain?.[3], plain?.[2]]);
});

test('lie on the grid that has the shape of the view', () => {
  expect(positionsOf([0, 0, 1, 1], 8, 8, 16)).toHaveLength(8);
  expect(
    positionsOf([0, 0, 1, 1], 8, 8, 16)
      ?.slice(0, 4)
      .map(([row]) => row),
  ).toEqual(Array(4).fill(0.25));
  expect(positionsOf([0, 0, 1, 1], 3, 30, 10)).toEqual([
    [0.1667, 0.5],
    [0.5, 0.5],
    [0.8333, 0.5],
  ]);
});

test('refuse locations of other samples, or that are no edges', () => {
  const refusal = (location: tf.Tensor) => refusalOf(() => tokenPositions(location, { tokens: 4, view: [1, 8, 8, 3] }));
  expect(refusal(tf.zeros([2, 4]))).toBe('SHAPE_MISMATCH');
  expect(refusal(tf.zeros([1, 3]))).toBe('SHAPE_MISMATCH');
  expect(refusal(tf.zeros([4]))).toBe('SHAPE_MISMATCH');
});
