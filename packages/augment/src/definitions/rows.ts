import { define } from '@unlabel/core';
import { z } from 'zod';
import { rowNormalise } from './rowOptions';

export const rowsDefinition = define({
  kind: 'augmentation',
  name: 'rows',
  summary: 'Rows of a table, with noise and with features missing.',
  options: z.strictObject({
    features: z.int().positive().describe('numbers in a row'),
    views: z.int().positive().default(2),
    noise: z.number().min(0).default(0.1).describe('standard deviation'),
    dropout: z.number().min(0).max(1).default(0.1).describe('probability of each feature to become 0'),
    normalise: rowNormalise,
  }),
  load: async () => (await import('../rows/rowViews')).rowViews,
});
