import {
  logSumExp,
  mlpHead,
  normaliseRows,
  type Objective,
  projectViews,
  requirePositive,
  requireViews,
  tf,
  UnlabelError,
  variablesOf,
} from '@unlabel/core';
import { labelsOf, sameClass } from './labels';

export interface SupConLossOptions {
  /** τ, divides the similarities, > 0 (default 0.1; 0.07 in the authors' code). */ temperature?: number | tf.Scalar;
  /** The authors' code has 0.07 here and multiplies the loss by τ / `baseTemperature` (default τ: the paper has no factor). */
  baseTemperature?: number;
  /** Whether all views of a sample are anchors (default), or the first one alone. */ anchors?: 'all' | 'one';
  /** Class of each sample, int32 `[batch]` (default: each is a class of its own). */ labels?: tf.Tensor1D;
}

/**
 * SupCon, eq. 2, averaged over the anchors: ℓᵢ = −1/|P(i)| Σ_{p∈P(i)} log( exp(zᵢ·z_p/τ) / Σ_{a≠i} exp(zᵢ·z_a/τ) ), where
 * P(i) are the other rows of i's class and a runs over all rows but i. An anchor with an empty P(i) counts as 0.
 * @param views projections of one or more views, each `[batch, dim]`; taken as they are: give rows of length 1
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Khosla et al., NeurIPS 2020, https://arxiv.org/abs/2004.11362
 */
export function supConLoss(views: readonly tf.Tensor2D[], options: SupConLossOptions = {}): tf.Scalar {
  const { temperature: tau = 0.1, baseTemperature = tau, anchors = 'all', labels } = options;
  requirePositive({ temperature: tau, baseTemperature });
  const batch = batchOf(views);
  return tf.tidy(() => {
    const z = tf.concat2d([...views], 0); // view-major: sample i of view v is row v·batch + i
    const [rows, columns] = [anchors === 'all' ? z.shape[0] : batch, z.shape[0]];
    const itself = tf.eye(rows, columns);
    const positive = tf.sub(tf.tile(sameClass(batch, labels), [rows / batch, views.length]), itself); // P(i)
    const similarities: tf.Tensor2D = tf.matMul(tf.div(tf.slice2d(z, [0, 0], [rows, -1]), tau), z, false, true);
    const others = logSumExp(tf.sub(similarities, tf.mul(itself, 1e30))); // all but i
    const count = tf.sum(positive, 1);
    const pull = tf.div(tf.sum(tf.mul(positive, similarities), 1), tf.maximum(count, 1));
    const perAnchor = tf.sub(tf.mul(others, tf.minimum(count, 1)), pull);
    return tf.mul(tf.div(tau, baseTemperature), tf.mean(perAnchor));
  });
}

function batchOf(views: readonly tf.Tensor2D[]): number {
  requireViews(Object.fromEntries(views.map((z, view) => [`z${view}`, z])));
  if (views[0]) return views[0].shape[0];
  throw new UnlabelError('SHAPE_MISMATCH', 'There are no views.', { fix: 'Give the projections of one view or more.' });
}

export interface SupConOptions {
  /** τ, divides the cosine similarities, > 0 (default 0.1). */ temperature?: number;
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[encoder's width, 128]`). */
  projector?: readonly number[];
}

/**
 * SupCon: {@link supConLoss} between the projections of all samples of a batch, those of one class attract. It learns from
 * labels, which the loader must give.
 * Recipe of the paper: LARS or SGD with momentum, batches of 6144, AutoAugment, 10 epochs of warm-up, then a cosine.
 * @see Khosla et al., NeurIPS 2020, https://arxiv.org/abs/2004.11362
 */
export function supCon(options: SupConOptions = {}): Objective {
  const { temperature = 0.1 } = options;
  return {
    name: 'supcon',
    views: { min: 1 },
    minBatch: 2, // one sample has no negatives
    needs: ['labels'],
    bind: (encoder) => {
      const { projector: widths = [encoder.outputDim, 128] } = options;
      const network = { encoder, projector: mlpHead({ dims: [encoder.outputDim, ...widths] }) };
      return {
        variables: variablesOf(network),
        loss: ({ views, tensors }, context) => {
          const projections = projectViews(views, { ...network, minBatch: 2 }, context);
          const z = tf.split<tf.Tensor2D>(normaliseRows(projections), views.length);
          const loss = supConLoss(z, { temperature, labels: labelsOf(tensors) });
          const projection = tf.slice2d(projections, [0, 0], [projections.shape[0] / views.length, -1]);
          return { loss, terms: { supCon: loss }, projection };
        },
      };
    },
  };
}
