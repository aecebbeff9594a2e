import { refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requireLocalViews, selfDistillationSchedules, warmedTemperature } from './selfDistillation';

const warmup = { start: 0.04, end: 0.07, epochs: 30 };

describe('the teacher’s temperature', () => {
  test('rises in equal steps from the first to the last epoch of its warm-up, and stays', () => {
    expect([0, 10, 29, 30, 100].map((epoch) => warmedTemperature(epoch, warmup))).toEqual([
      0.04,
      expect.closeTo(0.050344827586, 10), // numpy's linspace(0.04, 0.07, 30)[10]
      expect.closeTo(0.07, 10),
      0.07,
      0.07,
    ]);
  });

  test('is warm from the start without warm-up, and from the second epoch with one of warm-up', () => {
    expect(warmedTemperature(0, { ...warmup, epochs: 0 })).toBe(0.07);
    expect([0, 1].map((epoch) => warmedTemperature(epoch, { ...warmup, epochs: 1 }))).toEqual([0.04, 0.07]);
  });

  test('never leaves the range between its two ends', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(100), (epoch, epochs) => {
        const temperature = warmedTemperature(epoch, { ...warmup, epochs });
        expect(temperature).toBeGreaterThanOrEqual(0.04);
        expect(temperature).toBeLessThanOrEqual(0.07 + 1e-12);
      }),
    );
  });
});

describe('schedules', () => {
  const { teacherTemperature, momentum, live } = selfDistillationSchedules({ warmupEpochs: 3, freezeEpochs: 2 }, 0.9);

  test('change the temperature by epoch', () => {
    expect([0, 4, 5, 9, 10, 99].map(teacherTemperature(100, 5))).toEqual([
      0.04,
      0.04,
      expect.closeTo(0.055, 10),
      expect.closeTo(0.055, 10),
      expect.closeTo(0.07, 10),
      0.07,
    ]);
  });

  test('let prototypes learn when the frozen epochs are over', () => {
    expect([0, 9, 10, 99].map(live(100, 5))).toEqual([0, 0, 1, 1]);
    expect(selfDistillationSchedules({ freezeEpochs: 0 }, 0.9).live(100, 5)(0)).toBe(1);
  });

  test('raise the momentum to 1', () => {
    expect([0, 100].map(momentum(100, 5))).toEqual([0.9, 1]);
  });

  test('refuse temperatures that are not above 0, and momenta beyond 1', () => {
    for (const options of [{ studentTemperature: 0 }, { teacherTemperature: -1 }, { warmupTeacherTemperature: 0 }]) {
      expect(refusalOf(() => selfDistillationSchedules(options, 0.9))).toBe('INVALID_OPTION');
    }
    expect(refusalOf(() => selfDistillationSchedules({}, 1.5))).toBe('INVALID_OPTION');
  });
});

test('refuses a loader that gives other than the local crops asked for, by the name of the option', () => {
  expect(() => requireLocalViews(2, 8)).toThrow('localViews is 8, but the loader gives 2 local crops.');
  expect(refusalOf(() => requireLocalViews(2, 8))).toBe('INVALID_OPTION');
  expect(refusalOf(() => requireLocalViews(8, 8))).toBeUndefined();
  expect(refusalOf(() => requireLocalViews(2, undefined))).toBeUndefined();
});
