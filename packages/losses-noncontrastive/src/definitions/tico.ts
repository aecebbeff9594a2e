import { define } from '@unlabel/core';
import { z } from 'zod';

export const ticoDefinition = define({
  kind: 'objective',
  name: 'tico',
  summary: 'Views agree, and directions that earlier batches used much cost more.',
  paper: {
    citation:
      'Zhu, Moraes, Karakulak, Sobol, Canziani & LeCun, TiCo: Transformation Invariance and Covariance Contrast for Self-Supervised Visual Representation Learning, 2022',
    url: 'https://arxiv.org/abs/2206.10698',
  },
  golden: ['tico_2steps.json'],
  options: z.strictObject({
    covarianceMomentum: z
      .number()
      .min(0)
      .max(1)
      .default(0.9)
      .describe('β, share of the old covariance in the new one.'),
    contrastWeight: z.number().nonnegative().default(8).describe('ρ, weight of the covariance contrast.'),
    momentum: z.number().min(0).max(1).default(0.99).describe('m of the teacher at first; it rises to 1.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([4096, 256])
      .describe('Widths of the projector after the encoder’s own.'),
  }),
  small: { projector: [512, 128] },
  traits: { capture: true, memory: 'a second encoder, a dim² covariance' },
  load: async () => (await import('../tico')).tico,
});
