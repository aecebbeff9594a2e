import { type Layer, mlpHead, type tf, UnlabelError } from '@unlabel/core';

/**
 * A predictor: an MLP from projections to projections, which one branch of SimSiam and BYOL has and the other lacks.
 * @param dim width of the projections
 * @param widths of its layers; batch norm and ReLU between
 * @throws UnlabelError `INVALID_OPTION` when the last width is not `dim`
 */
export function predictionHead(dim: number, widths: readonly number[]): Layer<tf.Tensor2D, tf.Tensor2D> {
  if (widths.at(-1) === dim) return mlpHead({ dims: [dim, ...widths] });
  throw new UnlabelError('INVALID_OPTION', `predictor is [${widths}], but the projections have width ${dim}.`, {
    fix: `Let it end in ${dim}: predictions are compared with projections.`,
  });
}
