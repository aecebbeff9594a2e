import { define } from '@unlabel/core';
import { z } from 'zod';

export const frosslDefinition = define({
  kind: 'objective',
  name: 'frossl',
  summary: 'Views agree with their mean, and the spectrum of each view’s covariance is flat.',
  paper: {
    citation:
      'Skean, Dhakal, Jacobs & Sanchez Giraldo, FroSSL: Frobenius Norm Minimization for Efficient Multiview Self-Supervised Learning, ECCV 2024',
    url: 'https://arxiv.org/abs/2310.02903',
  },
  golden: ['frossl.json'],
  options: z.strictObject({
    invarianceWeight: z.number().nonnegative().default(1).describe('Weight of the invariance term.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([2048, 2048, 1024])
      .describe('Widths of the projector after the encoder’s own.'),
  }),
  small: { projector: [512, 256] },
  traits: { capture: true, memory: 'min(batch, dim)² a view' },
  load: async () => (await import('../frossl')).frossl,
});
