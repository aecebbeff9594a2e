import type { Crop } from './crop';
import { portable } from './portable';
import { requireRange } from './requireRange';
import type { Interpolation } from './resample';

/** How much of the image a centre crop keeps. */
export interface CentreCropOptions {
  /** Share of the shorter side, in (0, 1] (default 1; ImageNet's resize to 256 and crop to 224 is 0.875). */ readonly share?: number;
  /** Width over height of the view (default 1). */ readonly aspect?: number;
  /** Between pixels (default `'bilinear'`). */ readonly interpolation?: Interpolation;
}

/** The middle of the image, without randomness: resizing and centre crop in one. @throws UnlabelError `INVALID_OPTION` */
export function centreCrop(options: CentreCropOptions = {}): Crop {
  const { share = 1, aspect = 1, interpolation = 'bilinear' } = options;
  requireRange({ aspect });
  requireRange({ share }, { most: 1 });
  return {
    edge: 'image',
    antialias: true,
    interpolation,
    draw: (_random, source) => {
      const width = share * Math.min(source.width, source.height * aspect);
      const height = width / aspect;
      return { top: (source.height - height) / 2, left: (source.width - width) / 2, height, width };
    },
    portable: portable('centreCrop', options),
  };
}
