import {
  mlpHead,
  normaliseRows,
  type Objective,
  predictionHead,
  projectViews,
  stopGradient,
  tf,
  twoViews,
  variablesOf,
} from '@unlabel/core';
import { infoNceLoss } from './infoNce';
import { enqueue, queueVariables, readQueue, writeQueue } from './queue';
import { requireRows } from './requireRows';

export interface NnclrLossOptions {
  /** τ, divides the cosine similarities, > 0 (default 0.1). */ temperature?: number | tf.Scalar;
}

/**
 * NNCLR, eq. 3, averaged over the batch: −log( exp(nnᵢ·pᵢ/τ) / Σⱼ exp(nnᵢ·pⱼ/τ) ), where nnᵢ is the nearest neighbour of
 * i's one view in the support set and pᵢ the prediction from its other. lightly has NT-Xent between the two instead:
 * `ntXentLoss(nn, p)`.
 * @param nn what {@link nearestNeighbours} gives, `[batch, dim]`, not normalised; a gradient would flow into it
 * @param p predictions, same shape, not normalised
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Dwibedi, Aytar, Tompson, Sermanet & Zisserman, ICCV 2021, https://arxiv.org/abs/2104.14548
 */
export function nnclrLoss(nn: tf.Tensor2D, p: tf.Tensor2D, options: NnclrLossOptions = {}): tf.Scalar {
  const { temperature = 0.1 } = options;
  return infoNceLoss(nn, p, { temperature });
}

/**
 * NN(z, Q), eq. 2: the row of the support set that each projection is most alike, by the cosine; without gradient.
 * @param z `[batch, dim]`, not normalised
 * @param queue the support set Q, `[queueSize, dim]`, of any length
 * @returns rows of the queue as they are, `[batch, dim]`
 * @throws UnlabelError `SHAPE_MISMATCH`
 */
export function nearestNeighbours(z: tf.Tensor2D, queue: tf.Tensor2D): tf.Tensor2D {
  requireRows({ z, queue });
  return tf.tidy(() => {
    const cosines = tf.matMul(normaliseRows(z), normaliseRows(queue), false, true);
    return stopGradient(tf.gather(queue, tf.argMax(cosines, 1)));
  });
}

export interface NnclrOptions extends NnclrLossOptions {
  /** τ, divides the cosine similarities, > 0 (default 0.1). */ temperature?: number;
  /** Projections in the support set, at least a batch (default 65536; the paper's largest is 98304). */ queueSize?: number;
  /** Widths of the projector after the encoder's own; batch norm after each, ReLU between (default `[2048, 2048, 256]`). */
  projector?: readonly number[];
  /** Widths of the predictor after the projector's (default `[4096, 256]`); the last one is the projector's last. */
  predictor?: readonly number[];
}

/**
 * NNCLR: the nearest neighbour of a view's projection among earlier ones takes the view's place as positive of the other.
 * Recipe of the paper: LARS, learning rate 0.3 · batch/256, weight decay 1e-6, 10 epochs of warm-up.
 * @throws UnlabelError `INVALID_OPTION`, from `bind` for a predictor that does not end as the projector does
 * @see Dwibedi et al., ICCV 2021, https://arxiv.org/abs/2104.14548
 */
export function nnclr(options: NnclrOptions = {}): Objective {
  const {
    queueSize = 65536,
    projector: widths = [2048, 2048, 256],
    predictor: predictorWidths = [4096, 256],
  } = options;
  return {
    name: 'nnclr',
    views: { min: 2, max: 2 },
    minBatch: 2, // one sample has no negatives
    bind: (encoder) => {
      const dim = widths.at(-1) ?? 0;
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths], finalNorm: 'batch' });
      const predictor = predictionHead(dim, predictorWidths);
      return {
        variables: { ...variablesOf({ encoder, projector, predictor }), ...queueVariables(queueSize, dim) },
        loss: ({ views }, context) => {
          const z = projectViews(views, { encoder, projector, minBatch: 2 }, context);
          const [z0, z1] = twoViews(z);
          const [p0, p1] = twoViews(predictor.apply(z, context.scope('predictor')));
          const queue = readQueue(context);
          const [nn0, nn1] = [nearestNeighbours(z0, queue.rows), nearestNeighbours(z1, queue.rows)];
          const loss: tf.Scalar = tf.div(tf.add(nnclrLoss(nn0, p1, options), nnclrLoss(nn1, p0, options)), 2);
          writeQueue(context, enqueue(queue, normaliseRows(z0)));
          return { loss, terms: { infoNce: loss }, projection: z0 };
        },
      };
    },
  };
}
