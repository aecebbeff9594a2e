import { logSumExp, tf, UnlabelError } from '@unlabel/core';
import type { GoldenCase, GoldenFile, GoldenMapping } from '@unlabel/testkit';
import {
  type ContrastiveRlEnergy,
  type ContrastiveRlLossOptions,
  contrastiveRlLoss,
  contrastiveRlScores,
  contrastiveRlTerms,
} from './contrastiveRl';

/** Golden files that pin contrastive RL's critic: JaxGCRL's, and scaling-crl's, which adds no ε anywhere. */
export const contrastiveRlGolden: readonly GoldenMapping[] = [
  {
    name: 'contrastiveRlScores, binary_nce',
    matches: (file) => isCritic(file) && /binary/.test(String(file.params.contrastive_loss)),
    run: (golden) => {
      const { sa, g, options } = critic(golden);
      const scores = contrastiveRlScores(sa, g, options);
      const loss = tf.neg(tf.mean(tf.sigmoid(scores))); // no logarithm, no negatives: their slip, and not ours to offer
      return { loss, infonce: loss, ...readings(scores) };
    },
  },
  {
    name: 'contrastiveRlLoss',
    matches: isCritic,
    run: (golden) => {
      const { sa, g, options } = critic(golden);
      const { infoNce } = contrastiveRlTerms(sa, g, options);
      const loss = contrastiveRlLoss(sa, g, options);
      return { loss, infonce: infoNce, ...readings(contrastiveRlScores(sa, g, options)) };
    },
  },
];

function isCritic({ source, inputs }: GoldenFile): boolean {
  return /critic_loss|contrastive_loss/i.test(source.function ?? '') && 'sa_repr' in inputs && 'g_repr' in inputs;
}

function critic(golden: GoldenCase) {
  const { energy = 'norm', contrastive_loss: loss = 'fwd' } = golden.file.params;
  const options: ContrastiveRlLossOptions = {
    energy: energyOf(String(energy)),
    direction: /^sym/.test(String(loss)) ? 'symmetric' : /^bwd/.test(String(loss)) ? 'backward' : 'forward',
    logSumExpWeight: golden.number('logsumexp_penalty_coeff', 0.1),
    ...(/scaling/.test(golden.file.source.repo ?? '') && { epsilon: 0 }),
  };
  return { sa: golden.matrix('sa_repr'), g: golden.matrix('g_repr'), options };
}

function energyOf(name: string): ContrastiveRlEnergy {
  const known = (['norm', 'l2', 'dot', 'cosine'] as const).find((energy) => energy === name);
  if (known) return known;
  throw new UnlabelError('UNKNOWN_NAME', `There is no energy ${name}.`);
}

/** What the critic logs beside its loss. */
function readings(scores: tf.Tensor2D) {
  const [batch] = scores.shape;
  const right = tf.equal(tf.argMax(scores, 1), tf.range(0, batch, 1, 'int32'));
  return {
    logits: scores,
    logsumexp: logSumExp(tf.add(scores, 1e-6)),
    categorical_accuracy: tf.mean(tf.cast(right, 'float32')),
  };
}
