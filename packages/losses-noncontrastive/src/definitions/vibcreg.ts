import { define } from '@unlabel/core';
import { z } from 'zod';

export const vibcregDefinition = define({
  kind: 'objective',
  name: 'vibcreg',
  summary: 'VICReg with whitened projections, and correlations in the place of covariances.',
  paper: {
    citation:
      'Lee & Aune, VIbCReg: Variance-Invariance-better-Covariance Regularization for Self-Supervised Learning on Time Series, 2021',
    url: 'https://arxiv.org/abs/2109.00783',
  },
  golden: ['vibcreg_solo.json'],
  options: z.strictObject({
    invarianceWeight: z.number().nonnegative().default(25).describe('λ, weight of the invariance term.'),
    varianceWeight: z.number().nonnegative().default(25).describe('μ, weight of the variance term.'),
    covarianceWeight: z.number().nonnegative().default(200).describe('ν, weight of the covariance term.'),
    whiten: z.boolean().default(true).describe('Whether iterative whitening follows the projector.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([4096, 4096, 4096])
      .describe('Widths of the projector after the encoder’s own.'),
  }),
  small: { projector: [512, 128] },
  traits: { capture: true, memory: 'two dim² correlations and a running covariance' },
  load: async () => (await import('../vibcreg')).vibcreg,
});
