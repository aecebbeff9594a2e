import { define } from '@unlabel/core';
import { z } from 'zod';

export const mmcrDefinition = define({
  kind: 'objective',
  name: 'mmcr',
  summary: 'The mean projections of the samples span as large a space as they can: views agree, samples differ.',
  paper: {
    citation:
      'Yerxa, Kuang, Simoncelli & Chung, Learning Efficient Coding of Natural Images with Maximum Manifold Capacity Representations, NeurIPS 2023',
    url: 'https://arxiv.org/abs/2303.03307',
  },
  golden: ['mmcr.json', 'mmcr_lightly.json'],
  options: z.strictObject({
    localWeight: z.number().nonnegative().default(0).describe('λ, weight of the spread of each sample’s views.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([8192, 8192, 512])
      .describe('Widths of the projector after the encoder’s own.'),
  }),
  small: { projector: [512, 128] },
  traits: { capture: true, memory: 'batch × dim centroids, 30 times' },
  load: async () => (await import('../mmcr')).mmcr,
});
