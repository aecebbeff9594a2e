import { define } from '@unlabel/core';
import { z } from 'zod';

export const vicregDefinition = define({
  kind: 'objective',
  name: 'vicreg',
  summary: 'Views agree, every dimension varies, no two dimensions say the same; no negatives needed.',
  paper: {
    citation: 'Bardes, Ponce & LeCun, VICReg: Variance-Invariance-Covariance Regularization, ICLR 2022',
    url: 'https://arxiv.org/abs/2105.04906',
  },
  golden: ['vicreg_b16_d8_25_25_1.json', 'vicreg_solo_variant.json'],
  options: z.strictObject({
    invarianceWeight: z.number().nonnegative().default(25).describe('λ, weight of the invariance term.'),
    varianceWeight: z
      .number()
      .nonnegative()
      .default(25)
      .describe('μ, weight of the variance term; half of it gives the authors’ code.'),
    covarianceWeight: z.number().nonnegative().default(1).describe('ν, weight of the covariance term.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([8192, 8192, 8192])
      .describe('Widths of the projector after the encoder’s own.'),
  }),
  small: { projector: [512, 512] },
  traits: { capture: true, memory: 'two dim² covariances' },
  load: async () => (await import('../vicreg')).vicreg,
});
