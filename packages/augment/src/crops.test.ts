import { randomStream } from '@unlabel/core';
import { assert, double, integer, property, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { affineCrop } from './affineCrop';
import { centreCrop } from './centreCrop';
import { placeImage } from './kernels';
import { randomResizedCrop } from './randomResizedCrop';
import { type ResampleOptions, resample } from './resample';

const anySource = tuple(integer({ min: 1, max: 300 }), integer({ min: 1, max: 300 })).map(([height, width]) => ({
  height,
  width,
}));

describe('randomResizedCrop', () => {
  test('cuts whole pixels inside the image', () => {
    assert(
      property(anySource, integer(), double({ min: 0.01, max: 1, noNaN: true }), (source, seed, least) => {
        const { top, left, height, width } = randomResizedCrop({ scale: [least, 1] }).draw(
          randomStream([seed]),
          source,
        );
        for (const value of [top, left, height, width]) expect(Number.isInteger(value)).toBe(true);
        expect(Math.min(top, left)).toBeGreaterThanOrEqual(0);
        expect(Math.min(height, width)).toBeGreaterThanOrEqual(1);
        expect(top + height).toBeLessThanOrEqual(source.height);
        expect(left + width).toBeLessThanOrEqual(source.width);
      }),
    );
  });

  test('draws area and aspect within the ranges, short of rounding', () => {
    const source = { height: 1000, width: 1000 };
    for (let seed = 0; seed < 200; seed++) {
      const { height, width } = randomResizedCrop({ scale: [0.1, 0.2], ratio: [0.5, 2] }).draw(
        randomStream([seed]),
        source,
      );
      expect((height * width) / 1e6).toBeGreaterThan(0.099);
      expect((height * width) / 1e6).toBeLessThan(0.201);
      expect(Math.abs(Math.log2(width / height))).toBeLessThan(1.01);
    }
  });

  test('falls back to the largest centred part when nothing fits', () => {
    const wide = randomResizedCrop({ scale: [1, 1], ratio: [1, 1] }).draw(randomStream([1]), {
      height: 10,
      width: 100,
    });
    expect(wide).toEqual({ top: 0, left: 45, height: 10, width: 10 });
    const tall = randomResizedCrop({ scale: [1, 1], ratio: [2, 2] }).draw(randomStream([1]), {
      height: 100,
      width: 10,
    });
    expect(tall).toEqual({ top: 47, left: 0, height: 5, width: 10 });
  });
});

test('affineCrop shows the share of the area that was drawn, with its middle inside the image', () => {
  assert(
    property(anySource, integer(), (source, seed) => {
      const { top, left, height, width } = affineCrop({ scale: [0.3, 1] }).draw(randomStream([seed]), source);
      const share = (height * width) / (source.height * source.width);
      expect(share).toBeGreaterThanOrEqual(0.299);
      expect(share).toBeLessThanOrEqual(1.001);
      expect(top + height / 2).toBeGreaterThan(0);
      expect(left + width / 2).toBeLessThan(source.width);
    }),
  );
});

test('centreCrop keeps a share of the shorter side, in the middle', () => {
  const draw = (options: Parameters<typeof centreCrop>[0], height: number, width: number) =>
    centreCrop(options).draw(randomStream([0]), { height, width });
  expect(draw({}, 256, 300)).toEqual({ top: 0, left: 22, height: 256, width: 256 });
  expect(draw({ share: 0.875 }, 256, 256)).toEqual({ top: 16, left: 16, height: 224, width: 224 });
  expect(draw({ aspect: 2 }, 100, 100)).toEqual({ top: 25, left: 0, height: 50, width: 100 });
});

describe('resampling', () => {
  const ramp = { data: Uint8Array.from([0, 51, 102, 153]), height: 1, width: 4, channels: 1 } as const;
  const row = (left: number, width: number, count: number, options: Partial<ResampleOptions> = {}) => {
    const view = placeImage(1, count, 1);
    const plain = { antialias: false, interpolation: 'bilinear', flip: false, verticalFlip: false } as const;
    resample(ramp, { top: 0, left, height: 1, width }, { edge: 'image', ...plain, ...options }, view);
    return Array.from(view.data, (value) => Number(value.toFixed(6)));
  };

  test('copies what needs no change, and mirrors it', () => {
    expect(row(0, 4, 4)).toEqual([0, 0.2, 0.4, 0.6]);
    expect(row(0, 4, 4, { flip: true })).toEqual([0.6, 0.4, 0.2, 0]);
    expect(row(1, 2, 2)).toEqual([0.2, 0.4]);
  });

  test('takes four neighbours an axis where asked, and stays within [0, 1]', () => {
    const steps = { data: Uint8Array.from([0, 0, 255, 255]), height: 1, width: 4, channels: 1 } as const;
    const view = placeImage(1, 8, 1);
    const options = {
      edge: 'image',
      antialias: true,
      interpolation: 'bicubic',
      flip: false,
      verticalFlip: false,
    } as const;
    resample(steps, { top: 0, left: 0, height: 1, width: 4 }, options, view);
    // Between the halves, a quarter from a pixel's middle: k(0.25) + k(0.75 … ) of Keys' cubic with a = −0.5.
    expect(Array.from(view.data.slice(2, 6), (value) => Number(value.toFixed(6)))).toEqual([0, 0.203125, 0.796875, 1]);
  });

  test('mirrors top and bottom', () => {
    const column = { data: Uint8Array.from([0, 51, 102]), height: 3, width: 1, channels: 1 } as const;
    const view = placeImage(3, 1, 1);
    const options = {
      edge: 'crop',
      antialias: true,
      interpolation: 'bilinear',
      flip: false,
      verticalFlip: true,
    } as const;
    resample(column, { top: 0, left: 0, height: 3, width: 1 }, options, view);
    expect(Array.from(view.data, (value) => Number(value.toFixed(6)))).toEqual([0.4, 0.2, 0]);
  });

  test('blends between pixels, and repeats the border beyond it', () => {
    expect(row(0.5, 3, 3)).toEqual([0.1, 0.3, 0.5]);
    expect(row(-2, 8, 8)).toEqual([0, 0, 0, 0.2, 0.4, 0.6, 0.6, 0.6]);
  });

  test('averages over what it shrinks, if asked to', () => {
    expect(row(0, 4, 1)).toEqual([0.3]); // the two middle pixels
    expect(row(0, 4, 2)).toEqual([0.1, 0.5]);
    expect(row(0, 4, 2, { antialias: true })).toEqual([0.142857, 0.457143]); // weights 3 : 3 : 1 over 7, and their mirror
  });

  test('cuts out first where the edge is the crop’s', () => {
    expect(row(1, 2, 4, { edge: 'crop' })).toEqual([0.2, 0.25, 0.35, 0.4]);
    expect(row(1, 2, 4, { edge: 'image' })).toEqual([0.15, 0.25, 0.35, 0.45]);
  });

  test('never leaves the range of the source', () => {
    const anyCrop = tuple(
      double({ min: -3, max: 3, noNaN: true }),
      double({ min: 0.1, max: 9, noNaN: true }),
      integer({ min: 1, max: 9 }),
    );
    assert(
      property(anyCrop, ([left, width, count]) => {
        for (const antialias of [false, true]) {
          for (const value of row(left, width, count, { antialias })) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(0.600001);
          }
        }
      }),
    );
  });
});
