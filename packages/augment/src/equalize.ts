import { portable } from './portable';
import { toByte } from './posterize';
import { requireRange } from './requireRange';
import type { Transform } from './transform';

/** How often values are spread evenly. */
export interface EqualizeOptions {
  /** Probability (default 0.5). */ readonly probability?: number;
}

/**
 * Spreads the values of each channel evenly over [0, 1], as torchvision's `RandomEqualize`; values are rounded to 8 bits
 * first. @throws UnlabelError `INVALID_OPTION`
 */
export function equalize(options: EqualizeOptions = {}): Transform<true> {
  const { probability = 0.5 } = options;
  requireRange({ probability }, { least: 0, most: 1 });
  return {
    name: 'equalize',
    draw: (random) => (random.uniform() < probability ? true : null),
    apply: ({ data, height, width }) => {
      const area = height * width;
      for (let start = 0; start < data.length; start += area) equalizePlane(data.subarray(start, start + area));
    },
    portable: portable('equalize', options),
  };
}

function equalizePlane(plane: Float32Array): void {
  const counts = new Uint32Array(256);
  for (const value of plane) counts[toByte(value)] = (counts[toByte(value)] ?? 0) + 1;
  const brightest = counts.findLastIndex((count) => count > 0);
  const step = Math.floor((plane.length - (counts[brightest] ?? 0)) / 255);
  const levels = step === 0 ? counts.map((_, value) => value) : evenLevels(counts, step);
  for (let at = 0; at < plane.length; at++) plane[at] = (levels[toByte(plane[at] ?? 0)] ?? 0) / 255;
}

/** Where each value goes: as many steps up as there are pixels below it, in `step`s. */
function evenLevels(counts: Uint32Array, step: number): Uint32Array {
  let below = Math.floor(step / 2);
  return counts.map((count) => {
    const level = Math.min(255, Math.floor(below / step));
    below += count;
    return level;
  });
}
