import { readFile } from 'node:fs/promises';
import { randomStream } from '@unlabel/core';
import { assert, double, integer, property, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Adjustment, adjust } from './colourJitter';
import { gaussianBlur } from './gaussianBlur';
import { grayscale } from './grayscale';
import { kernels, placeImage } from './kernels';
import { normaliser } from './normalise';
import { solarize } from './solarize';
import { imageNetStatistics } from './statistics';
import type { FloatImage } from './transform';
import { assemble, kernels as names } from './wasm/assemble.mjs';

// Sizes on both sides of four and of eight, which kernels take at a time.
const anyImage = tuple(integer({ min: 1, max: 11 }), integer({ min: 1, max: 11 }), integer()).map(
  ([height, width, seed]): FloatImage => {
    const random = randomStream([seed]);
    return {
      data: Float32Array.from({ length: 3 * height * width }, () => random.uniform()),
      height,
      width,
      channels: 3,
    };
  },
);

type Pixel = readonly [number, number, number];
const luma = ([red, green, blue]: Pixel) => 0.2989 * red + 0.587 * green + 0.114 * blue;
const clamp = (value: number) => Math.min(1, Math.max(0, value));

/** What an image becomes when each of its pixels becomes what `change` says. */
function eachPixel({ data, height, width }: FloatImage, change: (pixel: Pixel) => Pixel): number[] {
  const area = height * width;
  const changed = Array.from({ length: area }, (_, at) =>
    change([data[at] ?? 0, data[at + area] ?? 0, data[at + 2 * area] ?? 0]),
  );
  return [0, 1, 2].flatMap((channel) => changed.map((pixel) => pixel[channel] ?? 0));
}

/** HSV, the hue turned, and back, as in textbooks. */
function turned([red, green, blue]: Pixel, turn: number): Pixel {
  const value = Math.max(red, green, blue);
  const chroma = value - Math.min(red, green, blue);
  if (chroma === 0) return [red, green, blue];
  const sixth =
    value === red ? (green - blue) / chroma : value === green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma;
  const channel = (offset: number) => {
    const k = (((offset + sixth + 6 * turn) % 6) + 6) % 6;
    return value - chroma * Math.max(0, Math.min(k, 4 - k, 1));
  };
  return [channel(5), channel(3), channel(1)];
}

function expectClose(values: Float32Array, expected: readonly number[]): void {
  expect(values.length).toBe(expected.length);
  for (const [at, value] of expected.entries()) expect(Math.abs((values[at] ?? Number.NaN) - value)).toBeLessThan(1e-5);
}

describe('kernels do what plain arithmetic does, on images of any size', () => {
  const factor = double({ min: 0, max: 2, noNaN: true });
  const check = (kind: Adjustment['kind'], expected: (pixel: Pixel, factor: number, mean: number) => Pixel) =>
    assert(
      property(anyImage, factor, (image, factor) => {
        const lumas = eachPixel(image, (pixel) => [luma(pixel), 0, 0]);
        const mean = lumas.reduce((sum, value) => sum + value) / (image.height * image.width);
        const wanted = eachPixel(image, (pixel) => expected(pixel, factor, mean));
        adjust(image, { kind, factor });
        expectClose(image.data, wanted);
      }),
      { numRuns: 40 },
    );
  const blend = ([red, green, blue]: Pixel, factor: number, other: number): Pixel => [
    clamp(factor * red + (1 - factor) * other),
    clamp(factor * green + (1 - factor) * other),
    clamp(factor * blue + (1 - factor) * other),
  ];

  test('brightness', () => check('brightness', (pixel, factor) => blend(pixel, factor, 0)));
  test('contrast', () => check('contrast', blend));
  test('saturation', () => check('saturation', (pixel, factor) => blend(pixel, factor, luma(pixel))));
  test('hue', () => check('hue', turned));

  test('grayscale and solarize', () => {
    assert(
      property(anyImage, (image) => {
        const grey = eachPixel(image, (pixel) => [luma(pixel), luma(pixel), luma(pixel)]);
        grayscale().apply(image, true);
        expectClose(image.data, grey);
        const solarized = Array.from(image.data, (value) => (value >= 0.5 ? 1 - value : value));
        solarize().apply(image, true);
        expectClose(image.data, solarized);
      }),
      { numRuns: 40 },
    );
  });

  test('normalisation, which also interleaves', () => {
    assert(
      property(anyImage, ({ data, height, width }) => {
        const view = placeImage(height, width, 3);
        view.data.set(data);
        const target = new Float32Array(data.length);
        normaliser(imageNetStatistics)(target, view);
        const { mean, std } = imageNetStatistics;
        const expected = Array.from(target, (_, at) => {
          const value = data[(at % 3) * height * width + Math.floor(at / 3)] ?? 0;
          return (value - (mean[at % 3] ?? 0)) / (std[at % 3] ?? 1);
        });
        expectClose(target, expected);
      }),
      { numRuns: 40 },
    );
  });

  test('hues at the corners of the colour cube, and grey ones', () => {
    for (const turn of [-0.5, -1 / 6, 0, 1 / 3, 0.5]) {
      const corners = Array.from({ length: 8 }, (_, corner) => [corner & 1, (corner >> 1) & 1, corner >> 2]);
      const data = Float32Array.from([0, 1, 2].flatMap((channel) => corners.map((corner) => corner[channel] ?? 0)));
      const image: FloatImage = { data, height: 1, width: 8, channels: 3 };
      const expected = eachPixel(image, (pixel) => turned(pixel, turn));
      adjust(image, { kind: 'hue', factor: turn });
      expectClose(image.data, expected);
    }
  });
});

test('a transform gives the same on a pipeline’s image as on one elsewhere', () => {
  const random = randomStream([4]);
  const data = Float32Array.from({ length: 3 * 21 * 19 }, () => random.uniform());
  const view = placeImage(21, 19, 3);
  view.data.set(data);
  const elsewhere: FloatImage = { data, height: 21, width: 19, channels: 3 };
  gaussianBlur({ kernelSize: 7 }).apply(elsewhere, { sigma: 1.3 });
  expect(view.data).not.toEqual(elsewhere.data);
  gaussianBlur({ kernelSize: 7 }).apply(view, { sigma: 1.3 });
  expect(view.data).toEqual(elsewhere.data);
});

test('a pipeline’s image survives that the memory grows', () => {
  const view = placeImage(2, 2, 1);
  view.data.fill(0.5);
  const before = view.data;
  adjust({ data: new Float32Array(3e6), height: 1000, width: 1000, channels: 3 }, { kind: 'contrast', factor: 0.5 });
  expect(before.length).toBe(0); // what had been taken hold of is of no use any more
  expect(Array.from(view.data)).toEqual([0.5, 0.5, 0.5, 0.5]);
  expect(kernels()).toBe(kernels());
});

test.each(names)(
  '%s.as.ts is what is in its module, which is small enough for a page to compile at once',
  async (name) => {
    const base64 = await assemble(name);
    expect(await readFile(new URL(`wasm/${name}Wasm.ts`, import.meta.url), 'utf8')).toContain(`'${base64}'`);
    expect((base64.length * 3) / 4).toBeLessThan(4096);
  },
);
