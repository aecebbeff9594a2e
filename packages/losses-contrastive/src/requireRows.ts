import { type tf, UnlabelError } from '@unlabel/core';

/** Checks that all hold rows of one length. @throws UnlabelError `SHAPE_MISMATCH` */
export function requireRows(matrices: Readonly<Record<string, tf.Tensor2D>>): void {
  const widths = Object.values(matrices).map(({ shape }) => shape[1]);
  if (new Set(widths).size <= 1) return;
  const shapes = Object.entries(matrices).map(([name, { shape }]) => `${name} is [${shape}]`);
  throw new UnlabelError('SHAPE_MISMATCH', `${shapes.join(', ')}.`, { fix: 'All must hold rows of one length.' });
}
