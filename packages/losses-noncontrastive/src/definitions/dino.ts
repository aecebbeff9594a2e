import { define } from '@unlabel/core';
import { z } from 'zod';
import { selfDistillationOptions, smallSelfDistillation } from './selfDistillationOptions';

export const dinoDefinition = define({
  kind: 'objective',
  name: 'dino',
  summary: 'A student that sees crops says which prototypes its momentum teacher finds in the whole view.',
  paper: {
    citation: 'Caron et al., Emerging Properties in Self-Supervised Vision Transformers, ICCV 2021',
    url: 'https://arxiv.org/abs/2104.14294',
  },
  golden: ['dino_b3_k8_local4_ep10.json', 'dino_b4_k10_local2_ep0.json', 'edge_dino_large_logits.json'],
  options: z.strictObject({
    ...selfDistillationOptions,
    prototypes: z.int().min(2).default(65536).describe('How many prototypes.'),
    momentum: z.number().min(0).max(1).default(0.996).describe('Of the teacher; rises to 1 by a cosine.'),
    centring: z
      .enum(['mean', 'sinkhorn'])
      .default('mean')
      .describe('What keeps the teacher from one prototype for all: its mean subtracted, or Sinkhorn–Knopp.'),
  }),
  small: smallSelfDistillation,
  traits: {
    capture: true,
    memory: 'a second network, views × prototypes logits a sample',
    views: 'multi-crop',
    learningRate: 0.001,
  },
  load: async () => (await import('../dino')).dino,
});
