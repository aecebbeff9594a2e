import {
  mlpHead,
  normaliseRows,
  type Objective,
  projectViews,
  requirePositive,
  requireViews,
  tf,
  variablesOf,
} from '@unlabel/core';
import { logDeterminant } from './cholesky';

export interface EmpSslOptions {
  /** λ, weight of the invariance term (default 200). */ invarianceWeight?: number;
  /** ε², distortion that the code may have, > 0 (default 0.2). */ distortion?: number;
}

/**
 * EMP-SSL: maximises (1/V) Σ_v [R(Z_v) + λ cos(Z_v, Z̄)], with the coding rate R(Z) = ½ log det(I + d/(b ε²) Z Zᵀ) of b
 * samples in d dimensions, and Z̄ the mean over views; the loss is its negative. lightly's loss *adds* R, which would make
 * representations shrink: `tf.add(codingRate, tf.mul(-200, similarity))` with {@link empSslTerms}.
 * @param views projections of one view or more, each `[batch, dim]`; the authors normalise them first
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Tong, Chen, Ma & LeCun 2023, https://arxiv.org/abs/2304.03977
 */
export function empSslLoss(views: readonly tf.Tensor2D[], options: EmpSslOptions = {}): tf.Scalar {
  return tf.tidy(() => weigh(empSslTerms(views, options), options));
}

/** What {@link empSslLoss} adds up, averaged over views: R(Z_v), and the cosine of each z_v with the mean z̄. */
export type EmpSslTerms = Record<'codingRate' | 'similarity', tf.Scalar>;

/** The terms of {@link empSslLoss}, of the same arguments. */
export function empSslTerms(views: readonly tf.Tensor2D[], options: EmpSslOptions = {}): EmpSslTerms {
  const { distortion = 0.2 } = options;
  requireViews(Object.fromEntries(views.map((z, view) => [`z${view}`, z])));
  requirePositive({ distortion });
  return tf.tidy((): EmpSslTerms => {
    const each = views.map((z) => tf.expandDims<tf.Tensor3D>(z, 0));
    const z = tf.concat3d(each, 0); // `[views, batch, dim]`
    const cosines = tf.sum(tf.mul(normaliseRows(z), normaliseRows(tf.mean(z, 0))), 2);
    return { codingRate: tf.mean(codingRate(z, distortion)), similarity: tf.mean(cosines) };
  });
}

/** R(Z) of each view, `[views]`: ½ log det(I + d/(b ε²) Z Zᵀ), of Z Zᵀ or ZᵀZ, whichever is smaller. */
function codingRate(z: tf.Tensor3D, distortion: number): tf.Tensor1D {
  const [, batch, dim] = z.shape;
  const gram = tf.matMul(z, z, batch > dim, batch <= dim);
  const scaled = tf.mul<tf.Tensor3D>(gram, dim / (batch * distortion));
  return tf.mul(0.5, logDeterminant(tf.add(scaled, tf.eye(Math.min(batch, dim)))));
}

/** −(R + λ · similarity). */
function weigh({ codingRate, similarity }: EmpSslTerms, { invarianceWeight: lambda = 200 }: EmpSslOptions): tf.Scalar {
  return tf.neg(tf.add(codingRate, tf.mul(lambda, similarity)));
}

export interface EmpSslMethodOptions extends EmpSslOptions {
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[4096, 512]`). */
  projector?: readonly number[];
}

/**
 * EMP-SSL: {@link empSslLoss} of the normalised projections of many views of each sample: the paper takes 20 to 200 crops of
 * a quarter of the image, and learns in one epoch.
 * Recipe of the paper: LARS, learning rate 0.3, weight decay 1e-4, batches of 100 samples, cosine.
 * @see Tong, Chen, Ma & LeCun 2023, https://arxiv.org/abs/2304.03977
 */
export function empSsl(options: EmpSslMethodOptions = {}): Objective {
  const { projector: widths = [4096, 512] } = options;
  return {
    name: 'emp-ssl',
    views: { min: 2 },
    minBatch: 2,
    bind: (encoder) => {
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths] });
      return {
        variables: variablesOf({ encoder, projector }),
        loss: ({ views }, context) => {
          const rows = projectViews(views, { encoder, projector, minBatch: 2 }, context);
          const terms = empSslTerms(tf.split<tf.Tensor2D>(normaliseRows(rows), views.length), options);
          const projection = tf.slice2d(rows, [0, 0], [rows.shape[0] / views.length, -1]);
          return { loss: weigh(terms, options), terms, projection };
        },
      };
    },
  };
}
