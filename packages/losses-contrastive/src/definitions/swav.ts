import { define } from '@unlabel/core';
import { z } from 'zod';

export const swavDefinition = define({
  kind: 'objective',
  name: 'swav',
  summary: 'Each view predicts which prototypes another is assigned to, when a batch is shared out over all alike.',
  paper: {
    citation: 'Caron et al., Unsupervised Learning of Visual Features by Contrasting Cluster Assignments, NeurIPS 2020',
    url: 'https://arxiv.org/abs/2006.09882',
  },
  golden: ['swav_b8_k6_it3_low0_queue0.json', 'swav_b8_k6_it3_low2_queue5.json'],
  options: z.strictObject({
    temperature: z.number().positive().default(0.1).describe('τ, divides the scores of predictions.'),
    epsilon: z.number().positive().default(0.05).describe('ε of Sinkhorn–Knopp: the lower, the sharper codes are.'),
    iterations: z.int().positive().default(3).describe('Iterations of Sinkhorn–Knopp.'),
    prototypes: z.int().min(2).default(3000).describe('How many prototypes.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([2048, 128])
      .describe('Widths of the projector after the encoder’s own.'),
    queueSize: z.int().min(0).default(0).describe('Projections kept of each of two global views; 0 for no queue.'),
    queueEpoch: z.int().min(0).default(15).describe('Epoch with which the queues begin to count.'),
    freezeSteps: z.int().min(0).default(313).describe('Steps during which prototypes stay as they were drawn.'),
  }),
  small: { prototypes: 128, projector: [512, 64], freezeSteps: 0 },
  traits: { capture: true, memory: 'views · batch · prototypes scores, 2 · queueSize · dim', views: 'multi-crop' },
  load: async () => (await import('../swav')).swav,
});
