import { define } from '@unlabel/core';
import { z } from 'zod';

export const supConDefinition = define({
  kind: 'objective',
  name: 'supcon',
  summary: 'NT-Xent whose positives are all samples of the same class: it learns from labels.',
  paper: {
    citation: 'Khosla et al., Supervised Contrastive Learning, NeurIPS 2020',
    url: 'https://arxiv.org/abs/2004.11362',
  },
  golden: ['supcon_b8_v2_t0.07_all.json', 'supcon_b6_v3_t0.2_one.json', 'supcon_unsup_b6_v3.json'],
  options: z.strictObject({
    temperature: z.number().positive().default(0.1).describe('τ, divides the cosine similarities.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .exactOptional()
      .describe('Widths of the projector after the encoder’s own (default: the encoder’s width, 128).'),
  }),
  small: { projector: [512, 128] },
  traits: { capture: true, memory: '(views · batch)² similarities', labels: true },
  load: async () => (await import('../supCon')).supCon,
});
