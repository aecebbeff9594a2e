import {
  logSumExp,
  mlpHead,
  normaliseRows,
  type Objective,
  projectViews,
  requirePositive,
  requireViews,
  tf,
  variablesOf,
} from '@unlabel/core';

export interface SimCseLossOptions {
  /** τ, divides the cosine similarities, > 0 (default 0.05). */ temperature?: number | tf.Scalar;
  /** Projections of a hard negative of each sample, a contradiction, `[batch, dim]`, not normalised (default none). */
  hardNegatives?: tf.Tensor2D;
  /** ln α, by how much a sample's own hard negative counts more than those of others (default 0: as much). */
  hardNegativeWeight?: number;
}

/**
 * SimCSE, eq. 1, averaged over the batch, in one direction: −log( exp(cos(zᵢ, zᵢ⁺)/τ) / Σⱼ exp(cos(zᵢ, zⱼ⁺)/τ) ); with hard
 * negatives z⁻, eq. 5 and appendix C, the sum has Σⱼ α^[i = j] exp(cos(zᵢ, zⱼ⁻)/τ), too.
 * @param z0 projections of sentences, `[batch, dim]`, not normalised
 * @param z1 projections z⁺ of the same under another dropout mask, or of sentences that they entail, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Gao, Yao & Chen, EMNLP 2021, https://arxiv.org/abs/2104.08821
 */
export function simCseLoss(z0: tf.Tensor2D, z1: tf.Tensor2D, options: SimCseLossOptions = {}): tf.Scalar {
  const { temperature: tau = 0.05, hardNegatives, hardNegativeWeight = 0 } = options;
  requireViews({ z0, z1, ...(hardNegatives && { hardNegatives }) });
  requirePositive({ temperature: tau });
  return tf.tidy(() => {
    const [batch] = z0.shape;
    const [unit, positive] = [tf.div<tf.Tensor2D>(normaliseRows(z0), tau), normaliseRows(z1)];
    const scores: tf.Tensor2D[] = [tf.matMul(unit, positive, false, true)];
    if (hardNegatives) {
      const negative = tf.matMul(unit, normaliseRows(hardNegatives), false, true);
      scores.push(tf.add(negative, tf.mul(hardNegativeWeight, tf.eye(batch))));
    }
    return tf.mean(tf.sub(logSumExp(tf.concat2d(scores, 1)), tf.sum(tf.mul(unit, positive), 1)));
  });
}

export interface SimCseOptions {
  /** τ, divides the cosine similarities, > 0 (default 0.05). */ temperature?: number;
  /** ln α, by how much a sample's own hard negative counts more than those of others (default 0). */ hardNegativeWeight?: number;
  /** Widths of the projector after the encoder's own, tanh after the last one (default `[encoder's width]`). */
  projector?: readonly number[];
}

/**
 * SimCSE: {@link simCseLoss} between two encodings of a sentence. With one view, both are of it, and only the encoder's
 * dropout tells them apart; with two, the second one is entailed by the first; a third is a hard negative.
 * Recipe of the paper: AdamW from a trained BERT, learning rate 3e-5 (5e-5 supervised), batches of 64 (512), dropout 0.1.
 * @see Gao, Yao & Chen, EMNLP 2021, https://arxiv.org/abs/2104.08821
 */
export function simCse(options: SimCseOptions = {}): Objective {
  const { temperature = 0.05, hardNegativeWeight = 0 } = options;
  return {
    name: 'simcse',
    views: { min: 1, max: 3 },
    minBatch: 2, // one sample has no negatives
    bind: (encoder) => {
      const { projector: widths = [encoder.outputDim] } = options;
      const network = { encoder, projector: mlpHead({ dims: [encoder.outputDim, ...widths], norm: 'none' }) };
      return {
        variables: variablesOf(network),
        loss: ({ views }, context) => {
          const encoded = views.length === 1 ? [...views, ...views] : views;
          const [batch = 0] = encoded[0]?.shape ?? [];
          const z = tf.tanh<tf.Tensor2D>(projectViews(encoded, { ...network, minBatch: 2 }, context));
          const of = (view: number) => tf.slice2d(z, [view * batch, 0], [batch, -1]);
          const hard = encoded.length > 2 && { hardNegatives: of(2) };
          const loss = simCseLoss(of(0), of(1), { temperature, hardNegativeWeight, ...hard });
          return { loss, terms: { infoNce: loss }, projection: of(0) };
        },
      };
    },
  };
}
