import { define } from '@unlabel/core';
import { z } from 'zod';

export const timeSeriesDefinition = define({
  kind: 'augmentation',
  name: 'time-series',
  summary: 'Time series: a weak view, scaled, and a strong one, permuted and with noise.',
  paper: {
    citation: 'Eldele et al., Time-series representation learning via temporal and contextual contrasting, IJCAI 2021',
    url: 'https://arxiv.org/abs/2106.14112',
  },
  options: z.strictObject({
    length: z.int().positive().default(128).describe('steps of a crop'),
    channels: z.int().positive().default(1),
    standardise: z.boolean().default(true).describe('each channel of a crop first'),
    scaling: z
      .strictObject({ mean: z.number().default(2), sigma: z.number().min(0).default(1.1) })
      .prefault({})
      .describe('of each channel in the weak view'),
    jitter: z.number().min(0).default(0.8).describe('standard deviation of the noise in the strong view'),
    segments: z.int().positive().default(8).describe('most that the strong view is cut into'),
  }),
  load: async () => (await import('../series/seriesViews')).seriesViews,
});
