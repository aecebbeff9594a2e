import { define } from '@unlabel/core';
import { z } from 'zod';

export const byolDefinition = define({
  kind: 'objective',
  name: 'byol',
  summary: 'A student predicts what its moving average makes of the other view.',
  paper: {
    citation: 'Grill et al., Bootstrap Your Own Latent: A New Approach to Self-Supervised Learning, NeurIPS 2020',
    url: 'https://arxiv.org/abs/2006.07733',
  },
  golden: ['byol_symmetric.json', 'traj_byol_ema.json'],
  options: z.strictObject({
    momentum: z.number().min(0).max(1).default(0.996).describe('τ of the teacher at first; it rises to the final one.'),
    finalMomentum: z.number().min(0).max(1).default(1).describe('τ after the last step.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([4096, 256])
      .describe('Widths of the projector after the encoder’s own.'),
    predictor: z
      .array(z.int().positive())

      .default([4096, 256])
      .describe('Widths of the predictor; the last is that of the projections. []: no predictor.'),
  }),
  small: { momentum: 0.99, projector: [512, 128], predictor: [512, 128] },
  traits: { capture: true, memory: 'a second encoder' },
  load: async () => (await import('../byol')).byol,
});
