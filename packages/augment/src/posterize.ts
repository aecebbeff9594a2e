import { portable } from './portable';
import { requireRange } from './requireRange';
import type { Transform } from './transform';

/** How often, and how far, the number of values is reduced. */
export interface PosterizeOptions {
  /** Bits of the 8 that stay, 0 to 8 (default 4). */ readonly bits?: number;
  /** Probability (default 0.5). */ readonly probability?: number;
}

/**
 * Keeps the first bits of each 8-bit value, as torchvision's `RandomPosterize`; values are rounded to 8 bits first.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function posterize(options: PosterizeOptions = {}): Transform<true> {
  const { bits = 4, probability = 0.5 } = options;
  requireRange({ bits }, { least: 0, most: 8 });
  requireRange({ probability }, { least: 0, most: 1 });
  const kept = 256 - 2 ** (8 - Math.floor(bits));
  return {
    name: 'posterize',
    draw: (random) => (random.uniform() < probability ? true : null),
    apply: ({ data }) => {
      for (let at = 0; at < data.length; at++) data[at] = (toByte(data[at] ?? 0) & kept) / 255;
    },
    portable: portable('posterize', options),
  };
}

/** The 8-bit value nearest to one in [0, 1]. */
export function toByte(value: number): number {
  return value > 0 ? Math.min(255, Math.floor(value * 255 + 0.5)) : 0;
}
