import { define } from '@unlabel/core';
import { z } from 'zod';
import { logMelOptions } from './logMelOptions';

export const colaDefinition = define({
  kind: 'augmentation',
  name: 'cola',
  summary: 'Recordings: two crops, as log mel features.',
  paper: {
    citation: 'Saeed, Grangier & Zeghidour, Contrastive learning of general-purpose audio representations, ICASSP 2021',
    url: 'https://arxiv.org/abs/2010.10915',
  },
  options: z.strictObject({
    rate: z.number().positive().default(16_000).describe('steps a second'),
    length: z.int().positive().default(15_600).describe('steps of a crop'),
    views: z.int().positive().default(2),
    ...logMelOptions,
  }),
  load: async () => (await import('../series/colaViews')).colaViews,
});
