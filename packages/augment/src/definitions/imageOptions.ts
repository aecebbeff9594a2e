import { z } from 'zod';

// What recipes of images have in common. No defaults: those are each recipe's own.

export const range = z.tuple([z.number(), z.number()]).readonly();
export const probability = z.number().min(0).max(1);
export const pixels = z.int().positive();
export const channels = z.union([z.literal(1), z.literal(3)]).describe('1 grey, 3 RGB');
export const normalise = z
  .strictObject({ mean: z.array(z.number()), std: z.array(z.number().positive()) })
  .exactOptional()
  .describe("per channel; default ImageNet's statistics for RGB, Fashion-MNIST's for grey");
export const scale = range.describe("share of the image's area that a crop shows");

export const blurs = z.tuple([probability, probability]).readonly();

/** Views of one kind, with these defaults. */
export function crops(defaults: { readonly count: number; readonly size: number; readonly scale: [number, number] }) {
  return z
    .strictObject({
      count: z.int().min(0).default(defaults.count),
      size: pixels.default(defaults.size),
      scale: scale.default(defaults.scale),
    })
    .prefault({});
}

/** The golden files that pin crops and transforms. */
export const imageGolden = ['aug_color_ops', 'aug_gaussian_blur', 'aug_resized_crop'];
