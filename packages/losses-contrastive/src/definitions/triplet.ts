import { define } from '@unlabel/core';
import { z } from 'zod';

export const tripletDefinition = define({
  kind: 'objective',
  name: 'triplet',
  summary: 'Each anchor nearer to its positive than to its negative by a margin, in triplets mined from the batch.',
  paper: {
    citation: 'Schroff, Kalenichenko & Philbin, FaceNet: A Unified Embedding for Face Recognition, CVPR 2015',
    url: 'https://arxiv.org/abs/1503.03832',
  },
  golden: ['triplet_m1.0_p2_swap0.json', 'triplet_m0.5_p2_swap1.json', 'triplet_cosine_m0.2.json'],
  options: z.strictObject({
    margin: z.number().min(0).default(0.2).describe('α, by how much a negative must be farther, in squared distance.'),
    mining: z
      .enum(['hard', 'semi-hard', 'all'])
      .default('hard')
      .describe('Which triplets of a batch count; the last two hold the cube of its rows.'),
    supervised: z.boolean().default(false).describe('Whether classes are labels instead of samples.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .exactOptional()
      .describe('Widths of the projector after the encoder’s own (default: the encoder’s width, 128).'),
  }),
  small: { projector: [512, 128] },
  traits: { capture: true, memory: '(views · batch)² distances, or their ³ where mining is not hard' },
  load: async () => (await import('../triplet')).triplet,
});
