import { UnlabelError } from '@unlabel/core';
import { portable } from './portable';
import { requireRange } from './requireRange';
import type { FloatImage, Transform } from './transform';

/** How much, and how often, a view is blurred. */
export interface GaussianBlurOptions {
  /** Length of the kernel in pixels, odd (default 23, SimCLR's tenth of 224). */ readonly kernelSize?: number;
  /** Standard deviation in pixels, drawn uniformly (default `[0.1, 2]`). */ readonly sigma?: readonly [number, number];
  /** Probability (default 0.5). */ readonly probability?: number;
}

/** What a blur draws. */
export interface DrawnBlur {
  readonly sigma: number;
}

/**
 * Gaussian blur with mirrored borders, as torchvision's `GaussianBlur`.
 * @throws UnlabelError `INVALID_OPTION` for an even kernel or a sigma of 0, or when a view is no longer than half of it
 */
export function gaussianBlur(options: GaussianBlurOptions = {}): Transform<DrawnBlur> {
  const { kernelSize = 23, sigma = [0.1, 2], probability = 0.5 } = options;
  if (!Number.isInteger(kernelSize) || kernelSize < 1 || kernelSize % 2 === 0) {
    throw new UnlabelError('INVALID_OPTION', `A blur kernel has an odd length, not ${kernelSize}.`);
  }
  requireRange({ sigma });
  requireRange({ probability }, { least: 0, most: 1 });
  let scratch = new Float32Array(0);
  let line = new Float64Array(0);
  return {
    name: 'gaussianBlur',
    draw: (random) => (random.uniform() < probability ? { sigma: random.uniform(...sigma) } : null),
    apply: (image, drawn) => {
      requireRoom(image, kernelSize);
      if (scratch.length < image.data.length) scratch = new Float32Array(image.data.length);
      const lineLength = (image.width + kernelSize) * image.channels;
      if (line.length < lineLength) line = new Float64Array(lineLength);
      const kernel = halfGaussian((kernelSize - 1) / 2, drawn.sigma);
      blurRows(image, kernel, scratch, line);
      blurColumns(image, kernel, scratch);
    },
    portable: portable('gaussianBlur', options),
  };
}

/** e^(−x² / 2σ²) for x = 0, 1, … margin, of which the whole kernel sums to 1. Past 6σ float32 cannot tell it from 0. */
function halfGaussian(margin: number, sigma: number): Float64Array {
  const reach = Math.min(margin, Math.ceil(6 * sigma));
  const half = Float64Array.from({ length: reach + 1 }, (_, x) => Math.exp(-(x * x) / (2 * sigma * sigma)));
  const sum = 2 * half.reduce((total, value) => total + value) - 1;
  return half.map((value) => value / sum);
}

/** Blurs along rows, from `image` into `blurred`; `line` is room for a row with mirrored margins. */
function blurRows(image: FloatImage, kernel: Float64Array, blurred: Float32Array, line: Float64Array): void {
  const { data, height, width, channels } = image;
  const length = width * channels;
  const margin = (kernel.length - 1) * channels;
  const middle = kernel[0] ?? 0;
  for (let row = 0; row < height; row++) {
    const start = row * length;
    fillMirrored(line, data, start, width, channels, kernel.length - 1);
    for (let at = 0; at < length; at++) {
      let left = margin + at;
      let right = left;
      let sum = middle * (line[left] ?? 0);
      for (let x = 1; x < kernel.length; x++) {
        left -= channels;
        right += channels;
        sum += (kernel[x] ?? 0) * ((line[left] ?? 0) + (line[right] ?? 0));
      }
      blurred[start + at] = sum;
    }
  }
}

/** Copies a row of pixels into `line`, with `margin` pixels reflected about its first and its last. */
function fillMirrored(
  line: Float64Array,
  data: Float32Array,
  start: number,
  width: number,
  channels: number,
  margin: number,
): void {
  for (let column = -margin; column < width + margin; column++) {
    const read = start + mirror(column, width) * channels;
    const write = (column + margin) * channels;
    for (let channel = 0; channel < channels; channel++) line[write + channel] = data[read + channel] ?? 0;
  }
}

/** Blurs along columns, from `blurred` back into `image`, a whole row at a time. */
function blurColumns({ data, height, width, channels }: FloatImage, kernel: Float64Array, blurred: Float32Array): void {
  const length = width * channels;
  const middle = kernel[0] ?? 0;
  for (let row = 0; row < height; row++) {
    const start = row * length;
    for (let at = 0; at < length; at++) data[start + at] = middle * (blurred[start + at] ?? 0);
    for (let y = 1; y < kernel.length; y++) {
      const weight = kernel[y] ?? 0;
      const above = mirror(row - y, height) * length;
      const below = mirror(row + y, height) * length;
      for (let at = 0; at < length; at++) {
        data[start + at] = (data[start + at] ?? 0) + weight * ((blurred[above + at] ?? 0) + (blurred[below + at] ?? 0));
      }
    }
  }
}

/** A position up to one length beyond either end, reflected about the first or last pixel. */
function mirror(position: number, length: number): number {
  if (position < 0) return -position;
  return position < length ? position : 2 * (length - 1) - position;
}

function requireRoom({ height, width }: FloatImage, kernelSize: number): void {
  if ((kernelSize - 1) / 2 < Math.min(height, width)) return;
  throw new UnlabelError(
    'INVALID_OPTION',
    `A view of ${height} × ${width} is too small to mirror for a blur of ${kernelSize}.`,
    {
      fix: `Use a kernelSize below ${2 * Math.min(height, width)}.`,
    },
  );
}
