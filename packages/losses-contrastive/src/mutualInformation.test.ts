import { cpu, tf } from '@unlabel/core';
import { numberOf, refusalOf } from '@unlabel/testkit';
import { assert, integer, property } from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { mutualInformationBound } from './mutualInformation';

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 64, dim = 8) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);

test('is log N when each view singles its sample out, and what InfoNCE leaves of it otherwise', () => {
  const z = tf.eye(4);
  expect(numberOf(mutualInformationBound(z, z, { temperature: 0.01 }))).toBeCloseTo(Math.log(4), 5);
  const left = Math.log(4) - Math.log(1 + 3 * Math.exp(-1));
  expect(numberOf(mutualInformationBound(z, z, { temperature: 1 }))).toBeCloseTo(left, 5);
});

test('is 0 for views that all samples share, and for one sample', () => {
  const same = tf.tile(random(1, 1), [6, 1]);
  expect(numberOf(mutualInformationBound(same, same))).toBeCloseTo(0, 5);
  expect(numberOf(mutualInformationBound(random(1, 1), random(2, 1)))).toBeCloseTo(0, 5);
});

test('stays below log N, finds none between independent views, and falls as noise grows', () => {
  assert(
    property(integer({ min: 1, max: 1e6 }), (seed) => {
      const z = random(seed);
      const bounds = [0.1, 0.5, 2].map((noise) =>
        numberOf(mutualInformationBound(z, tf.add(z, tf.mul(noise, random(seed + 1))), { temperature: 0.2 })),
      );
      expect(bounds).toEqual(bounds.toSorted((a, b) => b - a));
      expect(bounds[0]).toBeLessThanOrEqual(Math.log(64));
      expect(numberOf(mutualInformationBound(z, random(seed + 1), { temperature: 0.2 }))).toBeLessThan(0.3);
    }),
    { numRuns: 20 },
  );
});

test('refuses views of different shapes and temperatures that are not positive', () => {
  expect(refusalOf(() => mutualInformationBound(random(1), random(2, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => mutualInformationBound(random(1), random(2), { temperature: 0 }))).toBe('INVALID_OPTION');
});
