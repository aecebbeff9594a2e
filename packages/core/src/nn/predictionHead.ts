import { UnlabelError } from '../errors';
import type { tf } from '../tf';
import type { Layer } from './layer';
import { type MlpHeadOptions, mlpHead } from './mlpHead';

/**
 * A predictor: an MLP from projections to what is compared with projections; batch norm and ReLU between its layers.
 * @param dim width of the projections
 * @param widths of its layers; none: projections are their own predictions
 * @throws UnlabelError `INVALID_OPTION` when the last width is not `dim`
 */
export function predictionHead(
  dim: number,
  widths: readonly number[],
  options: Pick<MlpHeadOptions, 'finalNorm'> = {},
): Layer<tf.Tensor2D, tf.Tensor2D> {
  if (widths.length === 0) return { variables: {}, apply: (projections) => projections };
  if (widths.at(-1) === dim) return mlpHead({ dims: [dim, ...widths], ...options });
  throw new UnlabelError('INVALID_OPTION', `predictor is [${widths}], but projections have width ${dim}.`, {
    fix: `Let it end in ${dim}: predictions are compared with projections.`,
  });
}
