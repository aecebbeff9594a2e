import { bothLogSumExp, normaliseRows, type Objective, requirePositive, requireViews, tf } from '@unlabel/core';
import { type DualEncoderOptions, dualEncoder, learnedScalar, scalarOf } from './dualEncoder';

export interface ClipLossOptions {
  /** exp(t), multiplies the cosines, > 0; a scalar where it is learned (default 1/0.07, where CLIP starts). */
  logitScale?: number | tf.Scalar;
}

/**
 * CLIP, figure 3: the mean of two cross-entropies, of each image among the texts and of each text among the images, with
 * logits exp(t)·cos(I, T) and pairs on the diagonal.
 * @param image embeddings of one side, `[batch, dim]`, not normalised
 * @param text embeddings of the other side, same shape, pairs in the same row
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Radford et al., ICML 2021, https://arxiv.org/abs/2103.00020
 */
export function clipLoss(image: tf.Tensor2D, text: tf.Tensor2D, options: ClipLossOptions = {}): tf.Scalar {
  const { logitScale = defaultScale } = options;
  requireArguments(image, text, logitScale);
  return tf.tidy(() => {
    const [i, t] = [tf.mul<tf.Tensor2D>(logitScale, normaliseRows(image)), normaliseRows(text)];
    const pairs = tf.sum(tf.mul(i, t), 1);
    return tf.sub(tf.mean(bothLogSumExp(i, t)), tf.mean(pairs)); // both sides have as many rows
  });
}

/** exp(t)·cos(I, T) of all pairs, images in rows, `[batch, batch]`; of the arguments of {@link clipLoss}. */
export function clipLogits(image: tf.Tensor2D, text: tf.Tensor2D, options: ClipLossOptions = {}): tf.Tensor2D {
  const { logitScale = defaultScale } = options;
  requireArguments(image, text, logitScale);
  return tf.tidy(() => tf.mul(logitScale, tf.matMul(normaliseRows(image), normaliseRows(text), false, true)));
}

const defaultScale = 1 / 0.07;

function requireArguments(image: tf.Tensor2D, text: tf.Tensor2D, logitScale: number | tf.Scalar): void {
  requireViews({ image, text });
  requirePositive({ logitScale });
}

export interface ClipOptions extends DualEncoderOptions {
  /** exp(t) at the start, in (0, 100] (default 1/0.07); it is learned, and kept at 100 or below. */ logitScale?: number;
}

/**
 * CLIP: {@link clipLoss} between two kinds of views of a sample, such as image and caption, with a learned temperature.
 * Recipe of the paper: AdamW, learning rate 5e-4, weight decay 0.2, batch 32768.
 * @see Radford et al., ICML 2021, https://arxiv.org/abs/2103.00020
 */
export function clip(options: ClipOptions = {}): Objective {
  const { logitScale = defaultScale } = options;
  requirePositive({ logitScale });
  return dualEncoder(
    {
      name: 'clip',
      minBatch: 2, // one pair has no negatives
      learned: { logScale: learnedScalar(Math.log(logitScale)) },
      loss: (z0, z1, context) => {
        const loss = clipLoss(z0, z1, { logitScale: tf.exp(scalarOf(context, 'logScale')) });
        return { loss, terms: { infoNce: loss } };
      },
      afterUpdate: (context) => context.update('logScale', tf.minimum(context.get('logScale'), Math.log(100))),
    },
    options,
  );
}
