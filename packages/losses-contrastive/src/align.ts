import { type Objective, requirePositive, tf, UnlabelError } from '@unlabel/core';
import { clipLogits } from './clip';
import { type DualEncoderOptions, dualEncoder, learnedScalar, scalarOf } from './dualEncoder';
import { matchingEntropy } from './matchingEntropy';

export interface AlignLossOptions {
  /** σ, divides the cosines, > 0; a scalar where it is learned (default 1, where ALIGN starts). */ temperature?:
    | number
    | tf.Scalar;
  /** Share of the target that is spread over all candidates, in [0, 1) (default 0.1). */ labelSmoothing?: number;
}

/**
 * ALIGN, eqs. 1–2: the sum of two cross-entropies with smoothed labels, of each image among the texts and of each text among
 * the images, with logits cos(x, y)/σ and pairs on the diagonal.
 * @param image embeddings of one side, `[batch, dim]`, not normalised
 * @param text embeddings of the other side, same shape, pairs in the same row
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Jia et al., ICML 2021, https://arxiv.org/abs/2102.05918
 */
export function alignLoss(image: tf.Tensor2D, text: tf.Tensor2D, options: AlignLossOptions = {}): tf.Scalar {
  const { temperature: sigma = 1, labelSmoothing = 0.1 } = options;
  requirePositive({ temperature: sigma });
  requireShare(labelSmoothing);
  return tf.tidy(() => {
    const logits: tf.Tensor2D = tf.div(clipLogits(image, text, { logitScale: 1 }), sigma);
    return tf.add(matchingEntropy(logits, labelSmoothing), matchingEntropy(tf.transpose(logits), labelSmoothing));
  });
}

function requireShare(labelSmoothing: number): void {
  if (labelSmoothing >= 0 && labelSmoothing < 1) return;
  throw new UnlabelError('INVALID_OPTION', `labelSmoothing is ${labelSmoothing}.`, {
    fix: 'Give a share from 0 to below 1, such as 0.1.',
  });
}

export interface AlignOptions extends DualEncoderOptions {
  /** σ at the start, > 0 (default 1); its logarithm is learned. */ temperature?: number;
  /** Share of the target that is spread over all candidates, in [0, 1) (default 0.1). */ labelSmoothing?: number;
}

/**
 * ALIGN: {@link alignLoss} between two kinds of views of a sample, such as image and alt text, with a learned temperature.
 * Recipe of the paper: LAMB, learning rate 1e-3, weight decay 1e-5, batch 16384.
 * @see Jia et al., ICML 2021, https://arxiv.org/abs/2102.05918
 */
export function align(options: AlignOptions = {}): Objective {
  const { temperature = 1, labelSmoothing = 0.1 } = options;
  requirePositive({ temperature });
  requireShare(labelSmoothing);
  return dualEncoder(
    {
      name: 'align',
      minBatch: 2, // one pair has no negatives
      learned: { logTemperature: learnedScalar(Math.log(temperature)) },
      loss: (z0, z1, context) => {
        const learnt = tf.exp(scalarOf(context, 'logTemperature'));
        const loss = alignLoss(z0, z1, { temperature: learnt, labelSmoothing });
        return { loss, terms: { infoNce: loss } };
      },
    },
    options,
  );
}
