import { randomStream } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { describe, expect, test } from 'vitest';
import { gain } from './gain';
import { magnitudeScaling } from './magnitudeScaling';
import { frequencyMask, timeMask } from './masking';
import { jitter, whiteNoise } from './noise';
import { polarityInversion } from './polarityInversion';
import { segmentPermutation } from './segmentPermutation';
import type { FloatSeries, SeriesTransform } from './seriesTransform';
import { standardisation } from './standardisation';
import { timeShift } from './timeShift';

const series = (channels: number, ...values: number[]): FloatSeries => ({
  data: Float32Array.from(values),
  length: values.length / channels,
  channels,
});
const seeds = Array.from({ length: 1000 }, (_, seed) => seed);
const drawn = <Drawn>(transform: SeriesTransform<Drawn>, shape: { length: number; channels: number }) =>
  seeds.flatMap((seed) => transform.draw(randomStream([seed]), shape) ?? []);
const power = ({ data }: FloatSeries) => data.reduce((sum, value) => sum + value * value, 0) / data.length;

test('gain multiplies by decibels', () => {
  expect([...gain().apply(series(1, 1, -2), { decibels: 20 }).data]).toEqual([10, -20]);
  const decibels = drawn(gain({ decibels: [-3, 9], probability: 0.25 }), { length: 1, channels: 1 });
  expect(Math.abs(decibels.length / 1000 - 0.25)).toBeLessThan(0.055);
  for (const { decibels: value } of decibels) expect(Math.abs(value - 3)).toBeLessThanOrEqual(6);
});

describe('noise', () => {
  const sine = () => series(1, ...Array.from({ length: 20_000 }, (_, step) => Math.sin(step / 7)));

  test('is as far below the signal as was drawn, and the same for a seed', () => {
    const [clean, noisy, again] = [sine(), sine(), sine()];
    whiteNoise().apply(noisy, { snr: 10, seed: 5 });
    whiteNoise().apply(again, { snr: 10, seed: 5 });
    expect(again.data).toEqual(noisy.data);
    const noise = { ...clean, data: noisy.data.map((value, at) => value - (clean.data[at] ?? 0)) };
    expect(10 * Math.log10(power(clean) / power(noise))).toBeCloseTo(10, 0);
    expect(whiteNoise().apply(sine(), { snr: 10, seed: 6 }).data).not.toEqual(noisy.data);
  });

  test('leaves silence silent', () => {
    expect([...whiteNoise().apply(series(1, 0, 0), { snr: 0, seed: 1 }).data]).toEqual([0, 0]);
  });

  test('of jitter has the σ that it is given', () => {
    const noise = jitter({ sigma: 0.3 }).apply(series(2, ...Array(20_000).fill(0)), { seed: 9 });
    expect(Math.abs(Math.sqrt(power(noise)) - 0.3)).toBeLessThan(0.01);
    expect(drawn(jitter({ probability: 0 }), { length: 1, channels: 1 })).toEqual([]);
  });
});

test('magnitudeScaling has a factor for each channel, about its mean', () => {
  const scaled = magnitudeScaling().apply(series(2, 1, 2, 3, 4), { factors: [2, -1] });
  expect([...scaled.data]).toEqual([2, -2, 6, -4]);
  const factors = drawn(magnitudeScaling({ mean: 2, sigma: 0.5 }), { length: 4, channels: 3 }).flatMap(
    (f) => f.factors,
  );
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / factors.length;
  expect(factors.length).toBe(3000);
  expect(Math.abs(mean - 2)).toBeLessThan(0.04);
  expect(Math.abs(Math.sqrt(factors.reduce((sum, f) => sum + (f - mean) ** 2, 0) / 3000) - 0.5)).toBeLessThan(0.03);
});

describe('segmentPermutation', () => {
  test('puts segments of all channels in the order that was drawn', () => {
    const permuted = segmentPermutation().apply(series(2, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5), {
      starts: [0, 1, 3],
      order: [2, 0, 1],
    });
    expect([...permuted.data]).toEqual([3, 3.5, 0, 0.5, 1, 1.5, 2, 2.5]);
  });

  test('draws 1 to M segments, each of a step or more, and every cut', () => {
    const all = drawn(segmentPermutation({ segments: 4 }), { length: 6, channels: 1 });
    expect(new Set(all.map(({ order }) => order.length))).toEqual(new Set([1, 2, 3, 4]));
    expect(new Set(all.flatMap(({ starts }) => starts))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    for (const { starts, order } of all) {
      expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
      expect([...order].sort()).toEqual(starts.map((_, index) => index));
    }
    const short = drawn(segmentPermutation({ segments: 9 }), { length: 2, channels: 1 });
    expect(Math.max(...short.map(({ order }) => order.length))).toBe(2);
  });
});

test('timeShift moves around, either way', () => {
  const shifted = (steps: number) => [...timeShift().apply(series(2, 1, 2, 3, 4, 5, 6), { steps }).data];
  expect(shifted(1)).toEqual([5, 6, 1, 2, 3, 4]);
  expect(shifted(-1)).toEqual([3, 4, 5, 6, 1, 2]);
  const steps = drawn(timeShift({ share: 0.3 }), { length: 10, channels: 1 }).map((shift) => shift.steps);
  expect(new Set(steps)).toEqual(new Set([-3, -2, -1, 1, 2, 3]));
});

test('polarityInversion turns half of the series over', () => {
  expect([...polarityInversion().apply(series(1, 1, -2), true).data]).toEqual([-1, 2]);
  expect(Math.abs(drawn(polarityInversion(), { length: 1, channels: 1 }).length / 1000 - 0.5)).toBeLessThan(0.065);
});

describe('masks', () => {
  test('hide steps or channels behind the mean of all', () => {
    const steps = timeMask().apply(series(2, 1, 2, 3, 4, 5, 9), { runs: [{ start: 1, count: 2 }] });
    expect([...steps.data]).toEqual([1, 2, 4, 4, 4, 4]);
    const channels = frequencyMask().apply(series(3, 1, 2, 3, 4, 5, 9), { runs: [{ start: 1, count: 1 }] });
    expect([...channels.data]).toEqual([1, 4, 3, 4, 4, 9]);
  });

  test('are up to T steps or a share p of them, and F channels, wide, anywhere', () => {
    const shape = { length: 50, channels: 12 };
    const widest = (transform: SeriesTransform<{ runs: readonly { start: number; count: number }[] }>) => {
      const runs = drawn(transform, shape).flatMap((masks) => masks.runs);
      return [Math.max(...runs.map(({ count }) => count)), Math.max(...runs.map(({ start, count }) => start + count))];
    };
    expect(widest(timeMask({ width: 7 }))).toEqual([7, 50]);
    expect(widest(timeMask({ width: 40, share: 0.2 }))).toEqual([10, 50]);
    expect(widest(frequencyMask({ width: 5 }))).toEqual([5, 12]);
    expect(widest(frequencyMask({ width: 500 }))).toEqual([12, 12]);
    expect(drawn(timeMask({ count: 0 }), shape)).toEqual([]);
  });
});

test('standardisation brings channels, or all values, to mean 0 and variance 1; what is constant becomes 0', () => {
  expect([...standardisation().apply(series(2, 1, 5, 3, 5), true).data]).toEqual([
    expect.closeTo(-1, 5),
    0,
    expect.closeTo(1, 5),
    0,
  ]);
  const all = standardisation({ over: 'all' }).apply(series(2, 1, 5, 3, 7), true);
  expect([...all.data]).toEqual([-3, 1, -1, 3].map((value) => expect.closeTo(value / Math.sqrt(5), 5)));
});

test('refuses what is out of range', () => {
  for (const refused of [
    () => gain({ decibels: [3, -3] }),
    () => gain({ decibels: [0, Number.POSITIVE_INFINITY] }),
    () => gain({ probability: 2 }),
    () => whiteNoise({ snr: [Number.NaN, 3] }),
    () => whiteNoise({ probability: -1 }),
    () => jitter({ sigma: -1 }),
    () => magnitudeScaling({ mean: Number.NaN }),
    () => magnitudeScaling({ sigma: -0.1 }),
    () => segmentPermutation({ segments: 0 }),
    () => timeShift({ share: 1.5 }),
    () => polarityInversion({ probability: 1.5 }),
    () => timeMask({ width: -1 }),
    () => timeMask({ share: 0 }),
    () => frequencyMask({ count: 0.5 }),
  ]) {
    expect(refusalOf(refused)).toBe('INVALID_OPTION');
  }
});
