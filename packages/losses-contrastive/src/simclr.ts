import { mlpHead, type Objective, projectViews, tf, variablesOf } from '@unlabel/core';
import { multiViewNtXentLoss, type NtXentOptions } from './ntXent';

export interface SimclrOptions extends NtXentOptions {
  /** Widths of the projector g after the encoder's own; batch norm and ReLU between (default `[encoder's width, 128]`). */
  projector?: readonly number[];
}

/**
 * SimCLR: NT-Xent between the projections z = g(f(x)) of two views of each sample, or more.
 * Recipe of the paper: LARS, learning rate 0.3 · batch/256 or 0.075 · √batch, weight decay 1e-6, 10 epochs of warm-up.
 * @see Chen, Kornblith, Norouzi & Hinton, ICML 2020, https://arxiv.org/abs/2002.05709
 */
export function simclr(options: SimclrOptions = {}): Objective {
  return {
    name: 'simclr',
    views: { min: 2 },
    minBatch: 2, // one sample has no negatives
    bind: (encoder) => {
      const { projector: widths = [encoder.outputDim, 128] } = options;
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths] });
      return {
        variables: variablesOf({ encoder, projector }),
        loss: ({ views }, context) => {
          const z = tf.split<tf.Tensor2D>(
            projectViews(views, { encoder, projector, minBatch: 2 }, context),
            views.length,
          );
          const loss = multiViewNtXentLoss(z, options);
          return { loss, terms: { ntXent: loss }, projection: tf.concat2d(z.slice(0, 1), 0) };
        },
      };
    },
  };
}
