import { withKernels } from './kernels';
import { portable } from './portable';
import { requireRange } from './requireRange';
import type { Transform } from './transform';

/** How often, and from where on, values are inverted. */
export interface SolarizeOptions {
  /** Values from here on are inverted, in [0, 1] (default 0.5). */ readonly threshold?: number;
  /** Probability (default 0.2). */ readonly probability?: number;
}

/** Inverts the bright values, v ≥ threshold → 1 − v, as torchvision's `RandomSolarize`. @throws UnlabelError `INVALID_OPTION` */
export function solarize(options: SolarizeOptions = {}): Transform<true> {
  const { threshold = 0.5, probability = 0.2 } = options;
  requireRange({ probability }, { least: 0, most: 1 });
  return {
    name: 'solarize',
    draw: (random) => (random.uniform() < probability ? true : null),
    apply: (image) => withKernels(image, (run, { at }) => run.solarize(at, image.data.length, threshold)),
    steps: () => [{ kind: 'solarize', threshold }],
    portable: portable('solarize', options),
  };
}
