import { define } from '@unlabel/core';
import { z } from 'zod';
import { maskedSiameseOptions, smallMaskedSiamese } from './maskedSiameseOptions';

export const pmsnDefinition = define({
  kind: 'objective',
  name: 'pmsn',
  summary: 'MSN for classes of unequal size: the use of prototypes follows a power law.',
  paper: {
    citation: 'Assran et al., The Hidden Uniform Cluster Prior in Self-Supervised Learning, ICLR 2023',
    url: 'https://arxiv.org/abs/2210.07277',
  },
  golden: ['pmsn.json'],
  options: z.strictObject({
    ...maskedSiameseOptions,
    powerLawExponent: z.number().nonnegative().default(0.25).describe('Exponent of the power law; 0 is uniform.'),
    priorWeight: z.number().nonnegative().default(1).describe('λ, weight of the prior.'),
  }),
  small: smallMaskedSiamese,
  traits: { capture: true, memory: 'a second network', encoder: 'tokens', views: 'multi-crop' },
  load: async () => (await import('../pmsn')).pmsn,
});
