import type { RandomStream } from '@unlabel/core';
import { portable } from './portable';
import { requireRange } from './requireRange';
import { luma } from './resample';
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
    portable: portable('colourJitter', options),
  };
}

/** Applies one adjustment in place. */
export function adjust(image: FloatImage, { kind, factor }: Adjustment): void {
  if (kind === 'brightness') brighten(image, factor);
  else if (kind === 'contrast') stretch(image, factor);
  else if (image.channels === 1) return;
  else if (kind === 'saturation') saturate(image, factor);
  else turnHue(image, factor);
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

function brighten({ data }: FloatImage, factor: number): void {
  for (let at = 0; at < data.length; at++) data[at] = clamp(factor * (data[at] ?? 0));
}

function stretch(image: FloatImage, factor: number): void {
  const { data } = image;
  const mean = meanLuma(image) * (1 - factor);
  for (let at = 0; at < data.length; at++) data[at] = clamp(factor * (data[at] ?? 0) + mean);
}

function saturate({ data }: FloatImage, factor: number): void {
  for (let at = 0; at < data.length; at += 3) {
    const grey = luma(data, at) * (1 - factor);
    for (let channel = at; channel < at + 3; channel++) data[channel] = clamp(factor * (data[channel] ?? 0) + grey);
  }
}

/** Turns the HSV hue by a share of the full circle; value and chroma stay. */
function turnHue({ data }: FloatImage, turn: number): void {
  const sixths = 6 * (turn - Math.floor(turn));
  for (let at = 0; at < data.length; at += 3) {
    const red = data[at] ?? 0;
    const green = data[at + 1] ?? 0;
    const blue = data[at + 2] ?? 0;
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    if (chroma === 0) continue;
    const hue = hueOf(red, green, blue, value, chroma) + sixths;
    data[at] = value - chroma * lack(hue + 5);
    data[at + 1] = value - chroma * lack(hue + 3);
    data[at + 2] = value - chroma * lack(hue + 1);
  }
}

/** Hue in sixths of the circle, [0, 6]. */
function hueOf(red: number, green: number, blue: number, value: number, chroma: number): number {
  if (value === red) return (green - blue) / chroma + (green < blue ? 6 : 0);
  if (value === green) return 2 + (blue - red) / chroma;
  return 4 + (red - green) / chroma;
}

/** How much of the chroma a channel lacks there: max(0, min(k, 4 − k, 1)), k = position modulo 6, position in [0, 18). */
function lack(position: number): number {
  const k = position >= 12 ? position - 12 : position >= 6 ? position - 6 : position;
  if (k >= 4) return 0;
  return k < 1 ? k : k > 3 ? 4 - k : 1;
}

function meanLuma({ data, channels }: FloatImage): number {
  let sum = 0;
  if (channels === 1) for (let at = 0; at < data.length; at++) sum += data[at] ?? 0;
  else for (let at = 0; at < data.length; at += 3) sum += luma(data, at);
  return (sum * channels) / data.length;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
