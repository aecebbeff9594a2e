import type { RandomStream } from '@unlabel/core';
import { withKernels } from './kernels';
import { portable } from './portable';
import { requireRange } from './requireRange';
import type { FloatImage, Transform } from './transform';

/** How strongly colours change. A number `n` stands for [1 − n, 1 + n], for hue [−n, n]. */
export interface ColourJitterOptions {
  /** Factor on all values (default none). */ readonly brightness?: number | readonly [number, number];
  /** Factor on the distance from the mean luma (default none). */ readonly contrast?:
    | number
    | readonly [number, number];
  /** Factor on the distance from each pixel's luma (default none; nothing on grey). */ readonly saturation?:
    | number
    | readonly [number, number];
  /** Turn of the colour circle, within [−0.5, 0.5] (default none; nothing on grey). */ readonly hue?:
    | number
    | readonly [number, number];
  /** Probability that anything changes (default 1). */ readonly probability?: number;
  /** `'random'` as torchvision, or brightness, contrast, saturation, hue in that order (default `'random'`). */ readonly order?:
    | 'random'
    | 'fixed';
}

/** One adjustment with its factor. */
export interface Adjustment {
  readonly kind: 'brightness' | 'contrast' | 'saturation' | 'hue';
  readonly factor: number;
}

/**
 * Random brightness, contrast, saturation and hue, each followed by clamping to [0, 1], as torchvision's `ColorJitter`.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Howard, Some improvements on deep convolutional neural network based image classification, 2013, https://arxiv.org/abs/1312.5402
 */
export function colourJitter(options: ColourJitterOptions = {}): Transform<readonly Adjustment[]> {
  const { probability = 1, order = 'random' } = options;
  requireRange({ probability }, { least: 0, most: 1 });
  const ranges = [
    { kind: 'brightness', range: around(options.brightness, 1) },
    { kind: 'contrast', range: around(options.contrast, 1) },
    { kind: 'saturation', range: around(options.saturation, 1) },
    { kind: 'hue', range: around(options.hue, 0) },
  ] as const;
  for (const { kind, range } of ranges) {
    if (range) requireRange({ [kind]: range }, { least: kind === 'hue' ? -Number.MAX_VALUE : 0 });
  }
  return {
    name: 'colourJitter',
    draw: (random) => {
      if (random.uniform() >= probability) return null;
      const adjustments = ranges.flatMap(({ kind, range }) =>
        range ? [{ kind, factor: random.uniform(...range) }] : [],
      );
      return order === 'fixed' ? adjustments : shuffled(adjustments, random);
    },
    apply: (image, adjustments) => {
      for (const adjustment of adjustments) adjust(image, adjustment);
    },
    steps: (adjustments) => adjustments,
    portable: portable('colourJitter', options),
  };
}

/** Applies one adjustment in place. */
export function adjust(image: FloatImage, { kind, factor }: Adjustment): void {
  const { data, channels } = image;
  const pixels = image.height * image.width;
  if (channels === 1 && (kind === 'saturation' || kind === 'hue')) return;
  withKernels(image, (run, { at, scratch }) => {
    if (kind === 'brightness') run.adjust(at, data.length, factor, 0);
    else if (kind === 'saturation') run.saturate(at, pixels, factor);
    else if (kind === 'hue') run.turnHue(at, pixels, 6 * (factor - Math.floor(factor)));
    else {
      if (channels === 3) run.toLuma(at, pixels, scratch);
      const mean = run.mean(channels === 3 ? scratch : at, pixels);
      run.adjust(at, data.length, factor, mean * (1 - factor));
    }
  });
}

function around(
  strength: number | readonly [number, number] | undefined,
  centre: 0 | 1,
): readonly [number, number] | undefined {
  if (strength === undefined || strength === 0) return undefined;
  if (typeof strength !== 'number') return strength;
  return [centre === 1 ? Math.max(0, 1 - strength) : -strength, centre + strength];
}

function shuffled(adjustments: readonly Adjustment[], random: RandomStream): readonly Adjustment[] {
  return Array.from(random.permutation(adjustments.length)).flatMap((index) => adjustments[index] ?? []);
}
