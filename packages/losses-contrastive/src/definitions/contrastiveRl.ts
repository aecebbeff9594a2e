import { define } from '@unlabel/core';
import { z } from 'zod';

export const contrastiveRlDefinition = define({
  kind: 'objective',
  name: 'contrastive-rl',
  summary: 'A critic that finds the goal which a state and action lead to among those of the batch.',
  paper: {
    citation:
      'Eysenbach, Zhang, Levine & Salakhutdinov, Contrastive Learning as Goal-Conditioned Reinforcement Learning, NeurIPS 2022',
    url: 'https://arxiv.org/abs/2206.07568',
  },
  golden: ['crl_norm_fwd_infonce_pen0.1.json', 'crl_norm_sym_infonce_pen0.1.json', 'crl_scaling_norm_fwd.json'],
  options: z.strictObject({
    energy: z
      .enum(['norm', 'l2', 'dot', 'cosine'])
      .default('norm')
      .describe('What scores a pair: minus the distance, minus its square, the product, or the cosine.'),
    epsilon: z.number().nonnegative().default(1e-6).describe('Added under the root of norm; 0 in scaling-crl.'),
    direction: z
      .enum(['forward', 'backward', 'symmetric'])
      .default('forward')
      .describe('Goals are told apart for each state, states for each goal, or both.'),
    logSumExpWeight: z.number().nonnegative().default(0.1).describe('Weight of the penalty on the log-sum-exp.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([64])
      .describe('Widths of each projector after its encoder’s own.'),
  }),
  small: {},
  traits: {
    capture: true,
    memory: 'batch² · dim differences (batch² scores for dot and cosine); a second encoder where there are two',
    modality: 'states',
  },
  load: async () => (await import('../contrastiveRl')).contrastiveRl,
});
