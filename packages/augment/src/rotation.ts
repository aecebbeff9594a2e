import { UnlabelError } from '@unlabel/core';
import { portable } from './portable';
import { requireRange } from './requireRange';
import type { FloatImage, Transform } from './transform';

/** How far, and how often, a view is turned about its middle. */
export interface RotationOptions {
  /** Degrees counter-clockwise, drawn uniformly; a number `n` stands for [−n, n] (default 180: any angle). */ readonly degrees?:
    | number
    | readonly [number, number];
  /** One of these angles instead, such as `[0, 90, 180, 270]`, which turn square views without loss. */ readonly angles?: readonly number[];
  /** Values between pixels (default `'nearest'`, as torchvision's). */ readonly interpolation?: 'nearest' | 'bilinear';
  /** What comes in from outside, in [0, 1] (default 0). */ readonly fill?: number;
  /** Probability (default 1). */ readonly probability?: number;
}

/** What a rotation draws. */
export interface DrawnRotation {
  readonly degrees: number;
}

/**
 * Turns views within their own frame, as torchvision's `RandomRotation`. Where bilinear values lie at the border, they
 * blend with `fill`; torchvision blends with black, and then again with `fill`.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function rotation(options: RotationOptions = {}): Transform<DrawnRotation> {
  const { degrees = 180, angles, interpolation = 'nearest', fill = 0, probability = 1 } = options;
  const range = typeof degrees === 'number' ? ([-degrees, degrees] as const) : degrees;
  requireRange({ degrees: range }, { least: -Number.MAX_VALUE });
  requireRange({ probability }, { least: 0, most: 1 });
  requireRange({ fill }, { least: 0, most: 1 });
  if (angles && (angles.length === 0 || !angles.every(Number.isFinite))) {
    throw new UnlabelError('INVALID_OPTION', `angles is [${angles}].`, { fix: 'Give one angle in degrees, or more.' });
  }
  const turn = interpolation === 'nearest' ? turnNearest : turnBilinear;
  return {
    name: 'rotation',
    draw: (random) => {
      if (random.uniform() >= probability) return null;
      return { degrees: angles?.[random.integer(angles.length)] ?? random.uniform(...range) };
    },
    apply: (image, drawn) => turn(image, image.data.slice(), drawn.degrees, fill),
    portable: portable('rotation', options),
  };
}

/** Calls with every position of the view, and the place in the source that it shows, both in pixels. */
function eachPlace(
  { height, width }: FloatImage,
  degrees: number,
  visit: (at: number, x: number, y: number) => void,
): void {
  const cos = turned(degrees + 90);
  const sin = turned(degrees);
  for (let row = 0; row < height; row++) {
    const y = row + 0.5 - height / 2;
    for (let column = 0; column < width; column++) {
      const x = column + 0.5 - width / 2;
      visit(row * width + column, cos * x - sin * y + (width - 1) / 2, sin * x + cos * y + (height - 1) / 2);
    }
  }
}

/** The sine of an angle in degrees, exact at multiples of 90. */
function turned(degrees: number): number {
  const quarters = degrees / 90;
  if (!Number.isInteger(quarters)) return Math.sin((degrees * Math.PI) / 180);
  return [0, 1, 0, -1][((quarters % 4) + 4) % 4] ?? 0;
}

function turnNearest(image: FloatImage, source: Float32Array, degrees: number, fill: number): void {
  const { data, height, width } = image;
  const area = height * width;
  eachPlace(image, degrees, (at, x, y) => {
    const [column, row] = [roundToEven(x), roundToEven(y)];
    const inside = column >= 0 && column < width && row >= 0 && row < height;
    const read = row * width + column;
    for (let plane = 0; plane < data.length; plane += area) {
      data[plane + at] = inside ? (source[plane + read] ?? 0) : fill;
    }
  });
}

/** To the nearest whole number, halves to the even one, as PyTorch rounds. */
function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

function turnBilinear(image: FloatImage, source: Float32Array, degrees: number, fill: number): void {
  const { data, height, width } = image;
  const area = height * width;
  eachPlace(image, degrees, (at, x, y) => {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [right, bottom] = [x - left, y - top];
    const [above, below] = [top >= 0 && top < height, top >= -1 && top < height - 1];
    const [before, after] = [left >= 0 && left < width, left >= -1 && left < width - 1];
    const read = top * width + left;
    for (let plane = 0; plane < data.length; plane += area) {
      const first = plane + read;
      data[plane + at] =
        (1 - bottom) *
          ((1 - right) * (above && before ? (source[first] ?? 0) : fill) +
            right * (above && after ? (source[first + 1] ?? 0) : fill)) +
        bottom *
          ((1 - right) * (below && before ? (source[first + width] ?? 0) : fill) +
            right * (below && after ? (source[first + width + 1] ?? 0) : fill));
    }
  });
}
