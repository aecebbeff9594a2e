import type { RandomStream } from '@unlabel/core';
import type { Crop, Region } from './crop';
import { portable } from './portable';
import { requireRange } from './requireRange';
import type { Interpolation } from './resample';

/** What a random crop may show. */
export interface RandomResizedCropOptions {
  /** Share of the image's area, drawn uniformly (default `[0.08, 1]`). */ readonly scale?: readonly [number, number];
  /** Width over height, drawn log-uniformly (default `[3/4, 4/3]`). */ readonly ratio?: readonly [number, number];
  /** Whether shrinking averages over all the pixels it covers (default true). */ readonly antialias?: boolean;
  /** Between pixels (default `'bilinear'`). */ readonly interpolation?: Interpolation;
}

const attempts = 10;

/**
 * A rectangle of whole pixels with random area and aspect ratio, as torchvision's `RandomResizedCrop` draws it: ten
 * attempts to fit inside the image, then the largest centred one within the ratio's limits.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Szegedy et al., Going deeper with convolutions, CVPR 2015, https://arxiv.org/abs/1409.4842
 */
export function randomResizedCrop(options: RandomResizedCropOptions = {}): Crop {
  const { scale = [0.08, 1], ratio = [3 / 4, 4 / 3], antialias = true, interpolation = 'bilinear' } = options;
  requireRange({ scale, ratio });
  return {
    edge: 'crop',
    antialias,
    interpolation,
    draw: (random, source) => drawInside(random, source, scale, ratio) ?? centred(source, ratio),
    portable: portable('randomResizedCrop', options),
  };
}

function drawInside(
  random: RandomStream,
  source: { readonly height: number; readonly width: number },
  scale: readonly [number, number],
  ratio: readonly [number, number],
): Region | undefined {
  const area = source.height * source.width;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const wanted = area * random.uniform(...scale);
    const aspect = Math.exp(random.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
    const width = Math.round(Math.sqrt(wanted * aspect));
    const height = Math.round(Math.sqrt(wanted / aspect));
    if (width < 1 || height < 1 || width > source.width || height > source.height) continue;
    const top = random.integer(source.height - height + 1);
    const left = random.integer(source.width - width + 1);
    return { top, left, height, width };
  }
  return undefined;
}

function centred(
  source: { readonly height: number; readonly width: number },
  ratio: readonly [number, number],
): Region {
  const aspect = Math.min(Math.max(source.width / source.height, ratio[0]), ratio[1]);
  const width = Math.min(source.width, Math.max(1, Math.round(source.height * aspect)));
  const height = Math.min(source.height, Math.max(1, Math.round(source.width / aspect)));
  const [top, left] = [Math.floor((source.height - height) / 2), Math.floor((source.width - width) / 2)];
  return { top, left, height, width };
}
