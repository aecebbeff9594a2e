import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { logMel } from './logMel';
import type { FloatSeries } from './seriesTransform';

const sound = (length: number, at: (second: number) => number, rate = 16_000): FloatSeries => ({
  data: Float32Array.from({ length }, (_, step) => at(step / rate)),
  length,
  channels: 1,
});
const tone = (hertz: number, second: number) => Math.sin(2 * Math.PI * hertz * second);

test('agrees with scipy: stft of 400 steps every 160 in 512, and triangles interpolated by numpy', () => {
  const two = sound(720, (second) => tone(440, second) + 0.5 * tone(3000, second));
  const { data, length, channels } = logMel({ bands: 8 }).apply(two, true);
  expect([length, channels]).toEqual([3, 8]);
  const expected = [
    [9.2128, 9.1242, -4.1205, -10.1283, 6.2942, 8.3567, -5.4373, -15.31],
    [9.2128, 9.1242, -4.0786, -9.561, 6.2942, 8.3567, -5.4381, -15.3526],
  ];
  expect([...data.subarray(0, 8)]).toEqual(expected[0]?.map((value) => expect.closeTo(value, 3)));
  expect([...data.subarray(16)]).toEqual(expected[1]?.map((value) => expect.closeTo(value, 3)));
});

test('hears a tone in the band that its mel lies in', () => {
  const mel = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
  const { shapeAfter, apply } = logMel();
  expect(shapeAfter?.({ length: 15_600, channels: 1 })).toEqual({ length: 96, channels: 64 });
  for (const hertz of [300, 1000, 2500, 6000]) {
    const { data } = apply(
      sound(1000, (second) => tone(hertz, second)),
      true,
    );
    const loudest = data.subarray(0, 64).indexOf(Math.max(...data.subarray(0, 64)));
    const corners = (mel(7800) - mel(60)) / 65;
    expect(Math.abs(loudest + 1 - (mel(hertz) - mel(60)) / corners)).toBeLessThan(1);
  }
});

test('is ln(4) louder for twice the amplitude, and ln(1e-10) for silence', () => {
  const loudness = (amplitude: number) =>
    logMel().apply(
      sound(400, (second) => amplitude * tone(1000, second)),
      true,
    ).data;
  const [soft, loud] = [loudness(0.1), loudness(0.2)];
  for (const [band, value] of loud.entries()) {
    if (value > -10) expect(value - (soft[band] ?? 0)).toBeCloseTo(Math.log(4), 4);
  }
  for (const value of loudness(0)) expect(value).toBeCloseTo(Math.log(1e-10), 5);
});

test('scales with the rate, and takes frames of any length', () => {
  expect(logMel({ rate: 8000 }).shapeAfter?.({ length: 8000, channels: 1 })).toEqual({ length: 98, channels: 64 });
  const { length } = logMel({ window: 300, hop: 100, bands: 10 }).apply(
    sound(1000, () => 1),
    true,
  );
  expect(length).toBe(8);
});

test('refuses bands outside the spectrum, and series that it cannot frame', () => {
  for (const refused of [
    () => logMel({ rate: 8000, highest: 5000 }),
    () => logMel({ lowest: 4000, highest: 3000 }),
    () => logMel({ lowest: -1 }),
    () => logMel({ bands: 0 }),
    () => logMel({ hop: 0 }),
    () => logMel({ window: 1 }),
    () => logMel({ rate: 0 }),
    () => logMel().shapeAfter?.({ length: 399, channels: 1 }),
    () => logMel().shapeAfter?.({ length: 4000, channels: 2 }),
  ]) {
    expect(refusalOf(refused)).toBe('INVALID_OPTION');
  }
});
