import { define } from '@unlabel/core';
import { z } from 'zod';

export const simsiamDefinition = define({
  kind: 'objective',
  name: 'simsiam',
  summary: 'One view predicts the other, which passes no gradient: nothing else keeps it from collapse.',
  paper: {
    citation: 'Chen & He, Exploring Simple Siamese Representation Learning, CVPR 2021',
    url: 'https://arxiv.org/abs/2011.10566',
  },
  golden: ['simsiam_symmetric.json', 'negcos.json'],
  options: z.strictObject({
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([2048, 2048, 2048])
      .describe('Widths of the projector after the encoder’s own.'),
    predictor: z
      .array(z.int().positive())
      .default([512, 2048])
      .describe('Widths of the predictor; the last is that of the projections. []: no predictor, which collapses.'),
    finalNorm: z.boolean().default(true).describe('Batch norm at the end of the projector; without, a collapse shows.'),
    stopGradient: z.boolean().default(true).describe('Without, it collapses: for studies of why.'),
  }),
  small: { projector: [512, 512, 512], predictor: [128, 512] },
  traits: { capture: true, memory: 'nothing more', learningRate: 0.001 },
  load: async () => (await import('../simsiam')).simsiam,
});
