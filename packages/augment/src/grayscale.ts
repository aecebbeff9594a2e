import { withKernels } from './kernels';
import { portable } from './portable';
import { requireRange } from './requireRange';
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
    apply: (image) => {
      if (image.channels === 1) return;
      withKernels(image, ({ toLuma, bytes }, { at }) => {
        const area = image.height * image.width;
        toLuma(at, area, at);
        for (const plane of [1, 2]) bytes(at, 12 * area).copyWithin(4 * plane * area, 0, 4 * area);
      });
    },
    steps: () => [{ kind: 'grayscale' }],
    portable: portable('grayscale', options),
  };
}
