import {
  type LayerContext,
  mlpHead,
  type Objective,
  projectViews,
  requirePositive,
  tf,
  variablesOf,
} from '@unlabel/core';
import { multiViewNtXentLoss } from './ntXent';

export interface SimclrOptions {
  /** τ, divides the cosine similarities, > 0 (default 0.5, the paper's for CIFAR-10; 0.1 for ImageNet). */ temperature?: number;
  /** Whether `temperature` is only where τ begins, to be learned with the weights and kept from 0.01 on (default false). */
  learnTemperature?: boolean;
  /** Widths of the projector g after the encoder's own; batch norm and ReLU between (default `[encoder's width, 128]`). */
  projector?: readonly number[];
}

/**
 * SimCLR: NT-Xent between the projections z = g(f(x)) of two views of each sample, or more. A learned temperature is CLIP's:
 * exp(−`logScale`), where the scale 1/τ stays below 100.
 * Recipe of the paper: LARS, learning rate 0.3 · batch/256 or 0.075 · √batch, weight decay 1e-6, 10 epochs of warm-up.
 * @see Chen, Kornblith, Norouzi & Hinton, ICML 2020, https://arxiv.org/abs/2002.05709
 */
export function simclr(options: SimclrOptions = {}): Objective {
  const { temperature: tau = 0.5, learnTemperature = false } = options;
  requirePositive({ temperature: tau });
  const logScale = { shape: [], initial: () => Float32Array.of(-Math.log(tau)), trainable: true };
  return {
    name: 'simclr',
    views: { min: 2 },
    minBatch: 2, // one sample has no negatives
    bind: (encoder) => {
      const { projector: widths = [encoder.outputDim, 128] } = options;
      const network = { encoder, projector: mlpHead({ dims: [encoder.outputDim, ...widths] }) };
      return {
        variables: { ...variablesOf(network), ...(learnTemperature && { logScale }) },
        loss: ({ views }, context) => {
          const projections = projectViews(views, { ...network, minBatch: 2 }, context);
          const z = tf.split<tf.Tensor2D>(projections, views.length);
          const temperature = learnTemperature ? temperatureOf(context) : tau;
          const loss = multiViewNtXentLoss(z, { temperature });
          return { loss, terms: { ntXent: loss }, projection: tf.concat2d(z.slice(0, 1), 0) };
        },
        afterUpdate: (_, context) => {
          if (learnTemperature) context.update('logScale', tf.minimum(context.get('logScale'), Math.log(100)));
        },
      };
    },
  };
}

function temperatureOf(context: LayerContext): tf.Scalar {
  return tf.reshape(tf.exp(tf.neg(context.get('logScale'))), []);
}
