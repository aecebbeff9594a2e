import { define } from '@unlabel/core';
import { z } from 'zod';
import { maskedSiameseOptions, smallMaskedSiamese } from './maskedSiameseOptions';

export const msnDefinition = define({
  kind: 'objective',
  name: 'msn',
  summary: 'Masked and cropped views are assigned the prototypes of the whole view, and all prototypes are used.',
  paper: {
    citation: 'Assran et al., Masked Siamese Networks for Label-Efficient Learning, ECCV 2022',
    url: 'https://arxiv.org/abs/2204.07141',
  },
  golden: ['msn_v1_sk0.json', 'msn_v2_sk1.json'],
  options: z.strictObject({
    ...maskedSiameseOptions,
    meMaxWeight: z.number().nonnegative().default(1).describe('λ, weight of the mean entropy.'),
  }),
  small: smallMaskedSiamese,
  traits: { capture: true, memory: 'a second network', encoder: 'tokens', views: 'multi-crop' },
  load: async () => (await import('../msn')).msn,
});
