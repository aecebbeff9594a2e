import { tf } from '@unlabel/core';
import fc from 'fast-check';

/** How a window moves over images. */
export interface WindowCase {
  readonly batch: number;
  readonly channels: number;
  readonly size: readonly [number, number];
  readonly kernel: [number, number];
  readonly strides: [number, number];
  /** With a rounding where tfjs wants one. */ readonly pad: 'same' | 'valid' | number;
  readonly rounding: 'floor' | undefined;
}

const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

/** Windows that fit into the images, with all paddings and strides. */
export const windowCases: fc.Arbitrary<WindowCase> = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 3 }),
    size: pair(4, 7),
    kernel: pair(1, 3),
    strides: pair(1, 3),
    pad: fc.constantFrom('same' as const, 'valid' as const, 0, 1),
  })
  .filter(
    ({ pad, kernel, strides }) =>
      typeof pad !== 'number' || [kernel, strides].every(([down, across]) => down === across),
  ) // else tfjs miscounts
  .map((drawn) => ({ ...drawn, rounding: typeof drawn.pad === 'number' ? ('floor' as const) : undefined }));

/** Any tensor of four axes as one that tfjs's image ops take. */
export function images(tensor: tf.Tensor): tf.Tensor4D {
  const [a = 1, b = 1, c = 1, d = 1] = tensor.shape;
  return tf.reshape(tensor, [a, b, c, d]);
}
