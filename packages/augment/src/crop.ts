import type { ImageSample, PortableReference, RandomStream } from '@unlabel/core';
import type { Interpolation } from './resample';

/** A rectangle of the source in pixels; it need not lie on the pixel grid. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Chooses which part of the source a view shows. */
export interface Crop {
  /** The part to show, of a source of that size. */
  draw(random: RandomStream, source: Pick<ImageSample, 'height' | 'width'>): Region;
  /** What lies beyond the region: its own edge (`'crop'`), as if it had been cut out first, or the source (`'image'`). */ readonly edge:
    | 'crop'
    | 'image';
  /** Whether shrinking averages over all the pixels it covers. */ readonly antialias: boolean;
  /** How values between pixels come about (default `'bilinear'`). */ readonly interpolation?: Interpolation;
  /** How a worker thread rebuilds it. */ readonly portable?: PortableReference;
}
