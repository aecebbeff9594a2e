import { randomResizedCrop } from './randomResizedCrop';
import type { Transform } from './transform';
import type { ViewOptions } from './viewPipeline';

/** Views of one kind: how many, how large, of how much of the image. */
export interface MultiCropOptions {
  readonly count?: number;
  /** Height and width in pixels. */ readonly size?: number;
  /** Share of the image's area that a crop shows. */ readonly scale?: readonly [number, number];
}

/** Random crops of one kind, half of them mirrored, with the same transforms. */
export function randomCrops(
  { count, size, scale }: Required<MultiCropOptions>,
  transforms: readonly Transform[],
): ViewOptions {
  return { count, size, crop: randomResizedCrop({ scale }), flip: 0.5, transforms };
}
