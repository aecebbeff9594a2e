import { logSumExp, normaliseRows, type Objective, requireViews, tf, UnlabelError } from '@unlabel/core';
import { type DualEncoderOptions, dualEncoder } from './dualEncoder';
import { matchingEntropy } from './matchingEntropy';

/** How near a state and action are to a goal: −‖φ − ψ‖, −‖φ − ψ‖², φ·ψ, or the cosine. */
export type ContrastiveRlEnergy = 'norm' | 'l2' | 'dot' | 'cosine';

export interface ContrastiveRlScoreOptions {
  /** f, what scores a pair (default `'norm'`). */ energy?: ContrastiveRlEnergy;
  /** Added under the root of `'norm'`, ≥ 0 (default 1e-6, JaxGCRL's; 0 in scaling-crl). */ epsilon?: number;
}

export interface ContrastiveRlLossOptions extends ContrastiveRlScoreOptions {
  /** Goals are told apart for each state (`'forward'`, default), states for each goal, or both are added up. */
  direction?: 'forward' | 'backward' | 'symmetric';
  /** Weight of the penalty on the squared log-sum-exp of each state's scores, ≥ 0 (default 0.1). */
  logSumExpWeight?: number;
}

/**
 * Contrastive RL, the critic's InfoNCE, eq. 4 with a batch's other goals as negatives: −meanᵢ log softmaxⱼ f(sᵢ, aᵢ, gⱼ)ᵢ
 * + w·meanᵢ (log Σⱼ exp f(sᵢ, aᵢ, gⱼ))². Goals are states that the same trajectory reaches later.
 * @param sa φ(s, a), `[batch, dim]`
 * @param g ψ(g), same shape, each in the row of its state
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Eysenbach, Zhang, Levine & Salakhutdinov, NeurIPS 2022, https://arxiv.org/abs/2206.07568
 * @see Bortkiewicz et al., JaxGCRL, ICLR 2025, https://arxiv.org/abs/2408.11052
 */
export function contrastiveRlLoss(sa: tf.Tensor2D, g: tf.Tensor2D, options: ContrastiveRlLossOptions = {}): tf.Scalar {
  const { logSumExpWeight: w = 0.1 } = options;
  return tf.tidy(() => {
    const { infoNce, penalty } = contrastiveRlTerms(sa, g, options);
    return tf.add(infoNce, tf.mul(w, penalty));
  });
}

/** What {@link contrastiveRlLoss} adds up, unweighted. */
export type ContrastiveRlTerms = Record<'infoNce' | 'penalty', tf.Scalar>;

/** The terms of {@link contrastiveRlLoss}, of the same arguments. */
export function contrastiveRlTerms(
  sa: tf.Tensor2D,
  g: tf.Tensor2D,
  options: ContrastiveRlLossOptions = {},
): ContrastiveRlTerms {
  const { direction = 'forward', epsilon = 1e-6 } = options;
  requireWeights({ logSumExpWeight: options.logSumExpWeight ?? 0.1 });
  return tf.tidy((): ContrastiveRlTerms => {
    const scores = contrastiveRlScores(sa, g, options);
    const [forward, backward] = [() => matchingEntropy(scores), () => matchingEntropy(tf.transpose(scores))];
    const infoNce = { forward, backward, symmetric: () => tf.add<tf.Scalar>(forward(), backward()) }[direction]();
    return { infoNce, penalty: tf.mean(tf.square(logSumExp(tf.add(scores, epsilon)))) };
  });
}

/** f(sᵢ, aᵢ, gⱼ) of all combinations, `[batch, batch]`; of the arguments of {@link contrastiveRlLoss}. */
export function contrastiveRlScores(
  sa: tf.Tensor2D,
  g: tf.Tensor2D,
  options: ContrastiveRlScoreOptions = {},
): tf.Tensor2D {
  const { energy = 'norm', epsilon = 1e-6 } = options;
  requireViews({ sa, g });
  requireWeights({ epsilon });
  return tf.tidy(() => {
    if (energy === 'dot') return tf.matMul(sa, g, false, true);
    if (energy === 'cosine') return tf.matMul(normaliseRows(sa), normaliseRows(g), false, true);
    const squares: tf.Tensor2D = tf.sum(tf.square(tf.sub(tf.expandDims(sa, 1), tf.expandDims(g, 0))), 2);
    if (energy === 'l2') return tf.neg(squares);
    return tf.neg(tf.sqrt(tf.maximum(tf.add(squares, epsilon), 1e-24))); // at 0 the gradient is 0, not NaN
  });
}

function requireWeights(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value >= 0) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${value}.`, { fix: 'Give a number that is not below 0.' });
  }
}

export interface ContrastiveRlOptions extends ContrastiveRlLossOptions, DualEncoderOptions {
  /** Widths of each projector after its encoder's own, ReLU between (default `[64]`: a linear map). */
  projector?: readonly number[];
}

/**
 * Contrastive RL's critic: {@link contrastiveRlLoss} between states with actions, which are view 0, and goals, which are
 * view 1. Recipe of JaxGCRL: Adam, learning rate 3e-4, batch 256, goals drawn with a discount of 0.99.
 * @see Eysenbach, Zhang, Levine & Salakhutdinov, NeurIPS 2022, https://arxiv.org/abs/2206.07568
 */
export function contrastiveRl(options: ContrastiveRlOptions = {}): Objective {
  const { logSumExpWeight: w = 0.1, projector = [64] } = options;
  return dualEncoder(
    {
      name: 'contrastive-rl',
      minBatch: 2, // one state has no other goals
      loss: (z0, z1) => {
        const terms = contrastiveRlTerms(z0, z1, options);
        return { loss: tf.add(terms.infoNce, tf.mul(w, terms.penalty)), terms };
      },
    },
    { ...options, projector },
  );
}
