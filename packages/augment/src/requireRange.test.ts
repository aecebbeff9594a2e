import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { affineCrop } from './affineCrop';
import { centreCrop } from './centreCrop';
import { colourJitter } from './colourJitter';
import { gaussianBlur } from './gaussianBlur';
import { grayscale } from './grayscale';
import { randomResizedCrop } from './randomResizedCrop';
import { requireRange } from './requireRange';
import { simclrViews } from './simclrViews';
import { solarize } from './solarize';

test.each<[string, () => unknown]>([
  ['a crop of a negative area', () => affineCrop({ scale: [-1, 1] })],
  ['a crop of no area', () => randomResizedCrop({ scale: [0, 1] })],
  ['limits in the wrong order', () => randomResizedCrop({ ratio: [4 / 3, 3 / 4] })],
  ['an aspect ratio of 0', () => affineCrop({ ratio: [0, 1] })],
  ['a centre crop larger than the image', () => centreCrop({ share: 1.5 })],
  ['a blur without width, whose kernel would be 0/0', () => gaussianBlur({ sigma: [0, 2] })],
  ['a negative strength of jitter', () => colourJitter({ contrast: [-1, 1] })],
  ['a range of hues in the wrong order', () => colourJitter({ hue: [0.1, -0.1] })],
  ['a probability above 1', () => grayscale({ probability: 2 })],
  ['a negative probability', () => solarize({ probability: -0.5 })],
  ['a probability that is no number', () => simclrViews({ flip: Number.NaN })],
])('refuses %s', (_, call) => {
  expect(refusalOf(call)).toBe('INVALID_OPTION');
});

test('names the option and what it may be', () => {
  expect(() => requireRange({ scale: [1, 0.3] })).toThrow('scale is [1,0.3]. Give the smaller number first, above 0.');
  expect(() => requireRange({ flip: 2 }, { least: 0, most: 1 })).toThrow('flip is 2. Give a number from 0 to 1.');
});

test('takes both ends of what is allowed', () => {
  expect(refusalOf(() => colourJitter({ brightness: 0, hue: [-0.5, 0.5], probability: 0 }))).toBeUndefined();
  expect(refusalOf(() => randomResizedCrop({ scale: [1, 1] }))).toBeUndefined();
});
