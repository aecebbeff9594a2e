import { portable } from './portable';
import { requireRange } from './requireRange';
import { luma } from './resample';
import type { Transform } from './transform';

/** How often colour is taken away. */
export interface GrayscaleOptions {
  /** Probability (default 0.2). */ readonly probability?: number;
}

/** Replaces colours by their luma in all three channels, as torchvision's `RandomGrayscale`; leaves grey images alone. @throws UnlabelError `INVALID_OPTION` */
export function grayscale(options: GrayscaleOptions = {}): Transform<true> {
  const { probability = 0.2 } = options;
  requireRange({ probability }, { least: 0, most: 1 });
  return {
    name: 'grayscale',
    draw: (random) => (random.uniform() < probability ? true : null),
    apply: ({ data, channels }) => {
      if (channels === 1) return;
      for (let at = 0; at < data.length; at += 3) data.fill(luma(data, at), at, at + 3);
    },
    portable: portable('grayscale', options),
  };
}
