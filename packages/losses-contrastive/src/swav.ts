import {
  globalViewsOf,
  type LayerContext,
  mlpHead,
  normaliseRows,
  type Objective,
  projectViews,
  prototypeScores,
  prototypes,
  requirePositive,
  requireViews,
  scaleGradient,
  scheduled,
  sinkhorn,
  tf,
  UnlabelError,
  type Variables,
  variablesOf,
} from '@unlabel/core';
import { enqueue, queueVariables, readQueue, writeQueue } from './queue';

export interface SwavCodeOptions {
  /** ε of Sinkhorn–Knopp, > 0: the lower, the nearer codes are to one prototype (default 0.05). */ epsilon?: number;
  /** Iterations of Sinkhorn–Knopp (default 3). */ iterations?: number;
  /** 1, or 0 while a queue must not count yet (default 1). */ queueWeight?: number | tf.Scalar;
}

export interface SwavLossOptions extends SwavCodeOptions {
  /** τ, divides the scores of predictions, > 0 (default 0.1). */ temperature?: number | tf.Scalar;
  /** Scores of earlier projections of each high-resolution view, `[queueSize, prototypes]` (default none). */
  queue?: readonly tf.Tensor2D[];
}

/**
 * SwAV, eqs. 1, 2 and 6: −Σₖ qₖ log pₖ, where q is the code of one view and p = softmax(scores/τ) the prediction from
 * another, averaged over samples and over all pairs of a high-resolution view and another view.
 * @param high similarities of the high-resolution views with the prototypes, each `[batch, prototypes]`, in [−1, 1]
 * @param low those of small crops, which are predicted from but have no codes, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Caron et al., NeurIPS 2020, https://arxiv.org/abs/2006.09882
 */
export function swavLoss(
  high: readonly tf.Tensor2D[],
  low: readonly tf.Tensor2D[] = [],
  options: SwavLossOptions = {},
): tf.Scalar {
  const { temperature: tau = 0.1, queue, ...codeOptions } = options;
  requirePositive({ temperature: tau });
  requireCrops(high, low, queue);
  return tf.tidy(() => {
    const codes = high.map((scores, view) => swavCodes(scores, queue?.[view], codeOptions));
    const entropies = [...high, ...low].flatMap((scores, view) => {
      const others = codes.filter((_, other) => other !== view); // linear in q: one product for all of them
      const logP = tf.logSoftmax(tf.div(scores, tau));
      return others.length > 0 ? [tf.mean(tf.sum(tf.mul(tf.addN(others), logP), 1))] : [];
    });
    return tf.div(tf.addN(entropies), -high.length * (high.length + low.length - 1));
  });
}

/**
 * Codes Q of eq. 3: a batch shared out over all prototypes alike, together with a queue. No gradient flows through them.
 * @param scores `[batch, prototypes]`
 * @param queue scores of earlier samples, `[queueSize, prototypes]`
 * @returns `[batch, prototypes]`, rows sum to 1
 * @throws UnlabelError `INVALID_OPTION`
 */
export function swavCodes(scores: tf.Tensor2D, queue?: tf.Tensor2D, options: SwavCodeOptions = {}): tf.Tensor2D {
  const { epsilon = 0.05, iterations = 3, queueWeight = 1 } = options;
  if (!queue) return sinkhorn(scores, { epsilon, iterations });
  return tf.tidy(() => {
    const [[batch], [queueSize]] = [scores.shape, queue.shape];
    const rowWeights = tf.concat1d([
      tf.ones<tf.Rank.R1>([batch]),
      tf.mul(tf.ones<tf.Rank.R1>([queueSize]), queueWeight),
    ]);
    const codes = sinkhorn(tf.concat2d([scores, queue], 0), { epsilon, iterations, rowWeights });
    return tf.slice2d(codes, [0, 0], [batch, -1]);
  });
}

function requireCrops(
  high: readonly tf.Tensor2D[],
  low: readonly tf.Tensor2D[],
  queue: readonly tf.Tensor2D[] = [],
): void {
  const named = (name: string, views: readonly tf.Tensor2D[]) =>
    views.map((view, at) => [`${name}[${at}]`, view] as const);
  requireViews(Object.fromEntries([...named('high', high), ...named('low', low)]));
  if (high.length === 0 || high.length + low.length < 2) {
    throw new UnlabelError('SHAPE_MISMATCH', `There are ${high.length} high and ${low.length} low views.`, {
      fix: 'Give a high-resolution view and at least one other view.',
    });
  }
  const columns = high[0]?.shape[1];
  if (queue.length === 0 || (queue.length === high.length && queue.every(({ shape }) => shape[1] === columns))) return;
  const given = queue.map(({ shape }) => `[${shape}]`).join(', ');
  throw new UnlabelError('SHAPE_MISMATCH', `queue is ${given} for ${high.length} high views of ${columns} scores.`, {
    fix: 'Give the scores of one queue for each high-resolution view.',
  });
}

export interface SwavOptions {
  /** τ, divides the scores of predictions, > 0 (default 0.1). */ temperature?: number;
  /** ε of Sinkhorn–Knopp, > 0 (default 0.05). */ epsilon?: number;
  /** Iterations of Sinkhorn–Knopp (default 3). */ iterations?: number;
  /** How many prototypes (default 3000). */ prototypes?: number;
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[2048, 128]`). */
  projector?: readonly number[];
  /** Projections of each of two global views that are kept, at least a batch; 0 for no queue (default 0; 3840 in the paper). */
  queueSize?: number;
  /** Epoch, from 0, with which the queues begin to count (default 15); they are filled from the first step on. */
  queueEpoch?: number;
  /** Steps during which prototypes stay as they were drawn (default 313). */ freezeSteps?: number;
}

const queuedViews = ['queues/0', 'queues/1'];

/**
 * SwAV: each view predicts, from its own likeness to learned prototypes, the code of every global view. Global views
 * are those of the first view's shape and come first, local crops follow; with queues, there are two global ones.
 * Recipe of the paper: LARS, learning rate 0.3 · batch/256 with 10 epochs of warm-up, weight decay 1e-6, two crops of 0.14–1
 * of the image and six of 0.05–0.14.
 * @see Caron et al., NeurIPS 2020, https://arxiv.org/abs/2006.09882
 */
export function swav(options: SwavOptions = {}): Objective {
  const { prototypes: count = 3000, projector: widths = [2048, 128], queueSize = 0 } = options;
  const { queueEpoch = 15, freezeSteps = 313, temperature = 0.1, epsilon = 0.05, iterations = 3 } = options;
  return {
    name: 'swav',
    views: { min: 2 },
    minBatch: 2, // codes of one sample are all alike
    bind: (encoder) => {
      const dim = widths.at(-1) ?? 0;
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths] });
      const heads = variablesOf({ encoder, projector, prototypes: prototypes({ dim, count }) });
      return {
        variables: { ...heads, ...(queueSize > 0 && queuesOf(queueSize, dim)) },
        schedules: {
          live: () => (step) => (step < freezeSteps ? 0 : 1),
          queueWeight: (_, stepsPerEpoch) => (step) => (step < queueEpoch * stepsPerEpoch ? 0 : 1),
        },
        loss: ({ views, scalars }, context) => {
          const globals = globalViewsOf(views);
          const kernel = scaleGradient(context.get('prototypes/kernel'), scheduled(scalars, 'live'));
          const projections = projectViews(views, { encoder, projector, minBatch: 2 }, context);
          const scores = tf.split<tf.Tensor2D>(prototypeScores(projections, kernel), views.length);
          const z = tf.split<tf.Tensor2D>(projections, views.length);
          const queue = queueSize > 0 ? readAndWrite(context, z.slice(0, globals)) : [];
          const loss = swavLoss(scores.slice(0, globals), scores.slice(globals), {
            temperature,
            epsilon,
            iterations,
            queueWeight: scheduled(scalars, 'queueWeight'),
            queue: queue.map((rows) => prototypeScores(rows, kernel)),
          });
          return { loss, terms: { swap: loss }, projection: tf.concat2d(z.slice(0, 1), 0) };
        },
      };
    },
  };
}

function queuesOf(queueSize: number, dim: number): Variables {
  const queue = { variables: queueVariables(queueSize, dim) };
  return variablesOf(Object.fromEntries(queuedViews.map((name) => [name, queue])));
}

/** The rows of the queues before this step, after which the step's global views join them. */
function readAndWrite(context: LayerContext, globals: readonly tf.Tensor2D[]): readonly tf.Tensor2D[] {
  if (globals.length !== queuedViews.length) {
    throw new UnlabelError('INVALID_OPTION', `queueSize is above 0, but there are ${globals.length} global views.`, {
      fix: 'Give two global views, or a queueSize of 0.',
    });
  }
  return globals.map((z, view) => {
    const scope = context.scope(queuedViews[view] ?? '');
    const queue = readQueue(scope);
    writeQueue(scope, enqueue(queue, normaliseRows(z)));
    return queue.rows;
  });
}
