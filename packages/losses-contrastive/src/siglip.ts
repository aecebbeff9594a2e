import { type Objective, requirePositive, tf } from '@unlabel/core';
import { clipLogits } from './clip';
import { type DualEncoderOptions, dualEncoder, learnedScalar, scalarOf } from './dualEncoder';

export interface SiglipLossOptions {
  /** t, multiplies the cosines, > 0; a scalar where it is learned (default 10, where SigLIP starts). */
  logitScale?: number | tf.Scalar;
  /** b, added to the logits; a scalar where it is learned (default −10, where SigLIP starts). */
  logitBias?: number | tf.Scalar;
}

/**
 * SigLIP, Algorithm 1: −(1/N) Σᵢⱼ log σ(yᵢⱼ·(t·cos(xᵢ, yⱼ) + b)), where yᵢⱼ is 1 for pairs and −1 for all else: each
 * combination is a yes-or-no question of its own, without a sum over the batch inside the logarithm.
 * @param image embeddings of one side, `[batch, dim]`, not normalised
 * @param text embeddings of the other side, same shape, pairs in the same row
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Zhai, Mustafa, Kolesnikov & Beyer, ICCV 2023, https://arxiv.org/abs/2303.15343
 */
export function siglipLoss(image: tf.Tensor2D, text: tf.Tensor2D, options: SiglipLossOptions = {}): tf.Scalar {
  const { logitScale = 10, logitBias = -10 } = options;
  return tf.tidy(() => {
    const logits = tf.add(clipLogits(image, text, { logitScale }), logitBias);
    const signs = tf.sub(tf.mul(2, tf.eye(image.shape[0])), 1);
    return tf.div(tf.sum(minusLogSigmoid(tf.mul(signs, logits))), image.shape[0]);
  });
}

/** −log σ(x) = (|x| − x)/2 + log(1 + exp(−|x|)), which overflows nowhere and has its true gradient at 0, too. */
function minusLogSigmoid(x: tf.Tensor): tf.Tensor {
  const size = tf.abs(x);
  return tf.add(tf.div(tf.sub(size, x), 2), tf.log1p(tf.exp(tf.neg(size))));
}

export interface SiglipOptions extends DualEncoderOptions {
  /** t at the start, > 0 (default 10); its logarithm is learned. */ logitScale?: number;
  /** b at the start (default −10); it is learned. */ logitBias?: number;
}

/**
 * SigLIP: {@link siglipLoss} between two kinds of views of a sample, such as image and caption, with learned scale and bias.
 * Recipe of the paper: Adafactor, learning rate 1e-3, weight decay 1e-4, β₂ 0.95, batch 32768.
 * @see Zhai, Mustafa, Kolesnikov & Beyer, ICCV 2023, https://arxiv.org/abs/2303.15343
 */
export function siglip(options: SiglipOptions = {}): Objective {
  const { logitScale = 10, logitBias = -10 } = options;
  requirePositive({ logitScale });
  return dualEncoder(
    {
      name: 'siglip',
      minBatch: 1,
      learned: { logScale: learnedScalar(Math.log(logitScale)), logitBias: learnedScalar(logitBias) },
      loss: (z0, z1, context) => {
        const scale = tf.exp(scalarOf(context, 'logScale'));
        const loss = siglipLoss(z0, z1, { logitScale: scale, logitBias: scalarOf(context, 'logitBias') });
        return { loss, terms: { sigmoid: loss } };
      },
    },
    options,
  );
}
