import { define } from '@unlabel/core';
import { z } from 'zod';

export const wMseDefinition = define({
  kind: 'objective',
  name: 'w-mse',
  summary: 'Views agree after whitening, which scatters the samples of a batch and so rules out collapse.',
  paper: {
    citation: 'Ermolov, Siarohin, Sangineto & Sebe, Whitening for Self-Supervised Representation Learning, ICML 2021',
    url: 'https://arxiv.org/abs/2007.06346',
  },
  golden: ['wmse_b24_d6_eps0.0.json', 'wmse_groups_b24_w12.json'],
  options: z.strictObject({
    groupSize: z.int().min(2).default(128).describe('Samples that are whitened together, a divisor of the batch.'),
    epsilon: z.number().min(0).max(1).default(0).describe('ε, share of the identity in the covariance.'),
    method: z.enum(['cholesky', 'iterative']).default('cholesky').describe('How the whitening matrix is found.'),
    iterations: z.int().positive().default(5).describe('Newton steps of the iterative method.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([1024, 64])
      .describe('Widths of the projector after the encoder’s own.'),
  }),
  small: { projector: [256, 16], groupSize: 64 },
  traits: { capture: true, memory: 'dim² covariance a group' },
  load: async () => (await import('../wMse')).wMse,
});
