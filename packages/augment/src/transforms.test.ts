import { cpu, randomStream } from '@unlabel/core';
import { assertGolden, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { colourJitter } from './colourJitter';
import { equalize } from './equalize';
import { erasing } from './erasing';
import { gaussianBlur } from './gaussianBlur';
import { grayscale } from './grayscale';
import { posterize } from './posterize';
import { rotation } from './rotation';
import { solarize } from './solarize';
import type { FloatImage } from './transform';
import { transformsGolden } from './transforms.golden';

const files = await readGoldenFolder(`${import.meta.dirname}/../golden`);

beforeAll(async () => {
  await cpu().open();
});

const grey = (...values: number[]): FloatImage => ({
  data: Float32Array.from(values),
  height: 1,
  width: values.length,
  channels: 1,
});
const rgb = (...values: number[]): FloatImage => ({
  data: Float32Array.from(values),
  height: 1,
  width: values.length / 3,
  channels: 3,
});
const rounded = ({ data }: FloatImage) => Array.from(data, (value) => Number(value.toFixed(6)));

const view = { height: 20, width: 20 };

describe('agrees with torchvision', () => {
  test('in seven golden files', () => {
    expect(files.map((file) => file.name.replace('aug_', ''))).toEqual([
      'bicubic',
      'color_ops',
      'erase',
      'gaussian_blur',
      'posterize_equalize',
      'resized_crop',
      'rotate',
    ]);
  });
  test.each(files)('$name', (file) => assertGolden(file, transformsGolden));
});

describe('colourJitter', () => {
  const draw = (options: Parameters<typeof colourJitter>[0], seed = 1) =>
    colourJitter(options).draw(randomStream([seed]), view);

  test('stretches contrast about the mean and clamps', () => {
    const image = grey(0, 0.5, 1);
    colourJitter().apply(image, [{ kind: 'contrast', factor: 0.5 }]);
    expect(Array.from(image.data)).toEqual([0.25, 0.5, 0.75]);
    colourJitter().apply(image, [{ kind: 'brightness', factor: 2 }]);
    expect(Array.from(image.data)).toEqual([0.5, 1, 1]);
  });

  test('turns red by a third of the circle to green, either way round', () => {
    for (const [turn, expected] of [
      [1 / 3, [0, 1, 0]],
      [-1 / 3, [0, 0, 1]],
      [0.5, [0, 1, 1]],
    ] as const) {
      const image = rgb(1, 0, 0);
      colourJitter().apply(image, [{ kind: 'hue', factor: turn }]);
      for (const [channel, value] of expected.entries()) expect(image.data[channel]).toBeCloseTo(value, 6);
    }
  });

  test('leaves grey images alone in saturation and hue', () => {
    const image = grey(0.25, 0.75);
    colourJitter().apply(image, [
      { kind: 'saturation', factor: 2 },
      { kind: 'hue', factor: 0.3 },
    ]);
    expect(Array.from(image.data)).toEqual([0.25, 0.75]);
  });

  test('draws each factor within its range, and only what is asked for', () => {
    for (let seed = 0; seed < 50; seed++) {
      const drawn = draw({ brightness: 0.4, contrast: [2, 3], hue: 0.1 }, seed) ?? [];
      const factors = Object.fromEntries(drawn.map(({ kind, factor }) => [kind, factor]));
      expect(Object.keys(factors).sort()).toEqual(['brightness', 'contrast', 'hue']);
      expect(Math.abs((factors.brightness ?? 0) - 1)).toBeLessThanOrEqual(0.4);
      expect(Math.abs((factors.contrast ?? 0) - 2.5)).toBeLessThanOrEqual(0.5);
      expect(Math.abs(factors.hue ?? 1)).toBeLessThanOrEqual(0.1);
    }
  });

  test('applies with the probability and in the order that is asked for', () => {
    const seeds = Array.from({ length: 400 }, (_, seed) => seed);
    expect(seeds.filter((seed) => draw({ brightness: 0.4, probability: 0.8 }, seed)).length / 400).toBeCloseTo(0.8, 1);
    expect(draw({ brightness: 0.4, probability: 0 })).toBeNull();
    const firstOf = (order: 'random' | 'fixed') =>
      new Set(seeds.map((seed) => draw({ brightness: 0.4, contrast: 0.4, order }, seed)?.[0]?.kind));
    expect(firstOf('fixed')).toEqual(new Set(['brightness']));
    expect(firstOf('random').size).toBe(2);
  });
});

describe('gaussianBlur', () => {
  test('keeps constant images, and spreads a point evenly to both sides', () => {
    const flat: FloatImage = { data: new Float32Array(75).fill(0.3), height: 5, width: 5, channels: 3 };
    gaussianBlur({ kernelSize: 5 }).apply(flat, { sigma: 1 });
    for (const value of flat.data) expect(value).toBeCloseTo(0.3, 6);
    const point: FloatImage = { data: new Float32Array(49), height: 7, width: 7, channels: 1 };
    point.data[24] = 1;
    gaussianBlur({ kernelSize: 3 }).apply(point, { sigma: 0.8 });
    expect(point.data[23]).toBeCloseTo(point.data[25] ?? 0, 7);
    expect(point.data[17]).toBeCloseTo(point.data[31] ?? 0, 7);
    expect(point.data.reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
  });

  test('draws sigma from its range, as often as asked', () => {
    const drawn = Array.from({ length: 400 }, (_, seed) =>
      gaussianBlur({ sigma: [1, 3], probability: 0.25 }).draw(randomStream([seed]), view),
    ).flatMap((blur) => blur ?? []);
    expect(drawn.length / 400).toBeCloseTo(0.25, 1);
    for (const { sigma } of drawn) expect(Math.abs(sigma - 2)).toBeLessThanOrEqual(1);
  });

  test('refuses an even kernel, and a view that it cannot mirror', () => {
    expect(refusalOf(() => gaussianBlur({ kernelSize: 4 }))).toBe('INVALID_OPTION');
    expect(refusalOf(() => gaussianBlur({ kernelSize: 5 }).apply(grey(0, 1, 0), { sigma: 1 }))).toBe('INVALID_OPTION');
  });
});

test('grayscale and solarize change colours as often as asked', () => {
  const share = (draw: (seed: number) => true | null) =>
    Array.from({ length: 400 }, (_, seed) => draw(seed)).filter(Boolean).length / 400;
  expect(share((seed) => grayscale().draw(randomStream([seed]), view))).toBeCloseTo(0.2, 1);
  expect(share((seed) => solarize({ probability: 0.6 }).draw(randomStream([seed]), view))).toBeCloseTo(0.6, 1);
  const image = rgb(1, 0, 0);
  grayscale().apply(image, true);
  for (const value of image.data) expect(value).toBeCloseTo(0.2989, 6);
  const bright = grey(0.2, 0.75);
  solarize({ threshold: 0.7 }).apply(bright, true);
  expect(Array.from(bright.data, (value) => value.toFixed(2))).toEqual(['0.20', '0.25']);
});

describe('posterize and equalize', () => {
  test('keep the first bits of 8', () => {
    const image = grey(0, 0x7f / 255, 0x80 / 255, 1);
    posterize({ bits: 1 }).apply(image, true);
    expect(rounded(image)).toEqual([0, 0, 0.501961, 0.501961]);
    posterize({ bits: 0 }).apply(image, true);
    expect(rounded(image)).toEqual([0, 0, 0, 0]);
    expect(refusalOf(() => posterize({ bits: 9 }))).toBe('INVALID_OPTION');
  });

  test('spread half dark and half bright over the whole range, and leave one value as it is', () => {
    const image = grey(...Array(300).fill(0.4), ...Array(300).fill(0.6));
    equalize().apply(image, true);
    expect(new Set(rounded(image))).toEqual(new Set([0, 1])); // 300 pixels a step of ⌊300 / 255⌋, limited to 255
    const flat = grey(...Array(600).fill(0.4));
    equalize().apply(flat, true);
    expect(new Set(rounded(flat))).toEqual(new Set([0.4]));
  });
});

describe('rotation', () => {
  test('turns counter-clockwise, and fills what comes in', () => {
    const square = (): FloatImage => ({
      data: Float32Array.from([0.1, 0.2, 0.3, 0.4]),
      height: 2,
      width: 2,
      channels: 1,
    });
    const turned = (degrees: number, options: Parameters<typeof rotation>[0] = {}, image = square()) => {
      rotation(options).apply(image, { degrees });
      return rounded(image);
    };
    expect(turned(90)).toEqual([0.2, 0.4, 0.1, 0.3]);
    expect(turned(-270, { interpolation: 'bilinear' })).toEqual([0.2, 0.4, 0.1, 0.3]);
    expect(turned(90, { fill: 1 }, grey(0.1, 0.2, 0.3))).toEqual([1, 0.2, 1]);
    expect(turned(360, {}, grey(0.1, 0.2, 0.3))).toEqual([0.1, 0.2, 0.3]);
    // A corner of the square is √½ from the middle: seen from there, one eighth of a turn on, it lies √½ − ½ outside.
    const white = { ...square(), data: new Float32Array(4).fill(1) };
    const inside = 1 - (Math.SQRT1_2 - 0.5);
    for (const value of turned(45, { interpolation: 'bilinear', fill: 0.5 }, white)) {
      expect(value).toBeCloseTo(0.5 + 0.5 * inside, 5);
    }
  });

  test('draws any angle of a range, or one of a list', () => {
    const drawn = (options: Parameters<typeof rotation>[0]) =>
      Array.from({ length: 200 }, (_, seed) => rotation(options).draw(randomStream([seed]), view)?.degrees);
    for (const degrees of drawn({ degrees: [10, 20] })) expect(Math.abs((degrees ?? 0) - 15)).toBeLessThanOrEqual(5);
    expect(new Set(drawn({ angles: [0, 90, 180, 270] }))).toEqual(new Set([0, 90, 180, 270]));
    expect(drawn({ probability: 0.5 }).filter((degrees) => degrees === undefined).length / 200).toBeCloseTo(0.5, 0.8);
    expect(refusalOf(() => rotation({ angles: [] }))).toBe('INVALID_OPTION');
    expect(refusalOf(() => rotation({ degrees: [20, 10] }))).toBe('INVALID_OPTION');
  });
});

describe('erasing', () => {
  const region = { top: 0, left: 1, height: 1, width: 2, seed: 3 };

  test('fills a rectangle in every channel, with a value or with noise that can be repeated', () => {
    const image = rgb(...Array(12).fill(1));
    erasing({ fill: 0.5 }).apply(image, region);
    expect(rounded(image)).toEqual([1, 0.5, 0.5, 1, 1, 0.5, 0.5, 1, 1, 0.5, 0.5, 1]);
    const noisy = () => {
      const white = rgb(...Array(12).fill(1));
      erasing({ fill: 'noise' }).apply(white, region);
      return rounded(white);
    };
    expect(noisy()).toEqual(noisy());
    expect(new Set(noisy()).size).toBe(7); // six draws, and white
  });

  test('draws whole pixels inside the view, of area and aspect within the ranges, short of rounding', () => {
    const view = { height: 100, width: 80 };
    for (let seed = 0; seed < 100; seed++) {
      const drawn = erasing({ probability: 1 }).draw(randomStream([seed]), view);
      if (!drawn) continue;
      for (const value of Object.values(drawn)) expect(Number.isInteger(value)).toBe(true);
      expect(Math.min(drawn.top, drawn.left)).toBeGreaterThanOrEqual(0);
      expect(drawn.top + drawn.height).toBeLessThanOrEqual(100);
      expect(drawn.left + drawn.width).toBeLessThanOrEqual(80);
      expect(Math.abs((drawn.height * drawn.width) / 8000 - 0.175)).toBeLessThan(0.16);
    }
  });

  test('erases nothing where nothing fits', () => {
    const whole = erasing({ scale: [1, 1], probability: 1 });
    expect(whole.draw(randomStream([1]), { height: 4, width: 4 })).toBeNull();
  });
});
