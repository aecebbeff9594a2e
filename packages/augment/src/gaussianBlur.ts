import { UnlabelError } from '@unlabel/core';
import { type Kernels, type Placed, roomFor, withKernels } from './kernels';
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
  return {
    name: 'gaussianBlur',
    draw: (random) => (random.uniform() < probability ? { sigma: random.uniform(...sigma) } : null),
    apply: (image, drawn) => {
      requireRoom(image, kernelSize);
      const kernel = halfGaussian((kernelSize - 1) / 2, drawn.sigma);
      withKernels(image, (run, place) => blurPlanes(image, kernel, run, place));
    },
    steps: (drawn, view) => {
      requireRoom(view, kernelSize);
      return [{ kind: 'blur', weights: halfGaussian((kernelSize - 1) / 2, drawn.sigma) }];
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

function blurPlanes({ height, width, channels }: FloatImage, kernel: Float64Array, run: Kernels, place: Placed): void {
  const reach = kernel.length - 1;
  const line = place.scratch + roomFor(kernel.length);
  const padded = line + roomFor(width + 2 * reach);
  run.floats(place.scratch, kernel.length).set(kernel);
  for (let plane = 0; plane < channels; plane++) {
    run.blur(place.at + 4 * plane * height * width, height, width, place.scratch, reach, padded, line);
  }
}

function requireRoom({ height, width }: Pick<FloatImage, 'height' | 'width'>, kernelSize: number): void {
  if ((kernelSize - 1) / 2 < Math.min(height, width)) return;
  throw new UnlabelError(
    'INVALID_OPTION',
    `A view of ${height} × ${width} is too small to mirror for a blur of ${kernelSize}.`,
    {
      fix: `Use a kernelSize below ${2 * Math.min(height, width)}.`,
    },
  );
}
