import type { Crop } from './crop';
import { portable } from './portable';
import { requireRange } from './requireRange';
import type { Interpolation } from './resample';

/** What an affine crop may show. */
export interface AffineCropOptions {
  /** Share of the image's area, drawn uniformly (default `[0.3, 1]`). */ readonly scale?: readonly [number, number];
  /** Width over height relative to the image's, drawn log-uniformly (default `[3/4, 4/3]`). */ readonly ratio?: readonly [
    number,
    number,
  ];
  /** Whether shrinking averages over all the pixels it covers (default false: two taps an axis). */ readonly antialias?: boolean;
  /** Between pixels (default `'bilinear'`). */ readonly interpolation?: Interpolation;
}

/**
 * A rectangle placed without regard to the pixel grid: on small images, where whole-pixel crops are few, every view is
 * a different one. It may be longer than the image along one axis, whose border then repeats.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function affineCrop(options: AffineCropOptions = {}): Crop {
  const { scale = [0.3, 1], ratio = [3 / 4, 4 / 3], antialias = false, interpolation = 'bilinear' } = options;
  requireRange({ scale, ratio });
  return {
    edge: 'image',
    antialias,
    interpolation,
    draw: (random, source) => {
      const share = random.uniform(...scale);
      const aspect = Math.exp(random.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
      const width = source.width * Math.sqrt(share * aspect);
      const height = source.height * Math.sqrt(share / aspect);
      const top = random.uniform() * (source.height - height);
      const left = random.uniform() * (source.width - width);
      return { top, left, height, width };
    },
    portable: portable('affineCrop', options),
  };
}
