import { define } from '@unlabel/core';
import { z } from 'zod';

export const siglipDefinition = define({
  kind: 'objective',
  name: 'siglip',
  summary: 'Say of each combination of image and text whether they belong together, with learned scale and bias.',
  paper: {
    citation: 'Zhai, Mustafa, Kolesnikov & Beyer, Sigmoid Loss for Language Image Pre-Training, ICCV 2023',
    url: 'https://arxiv.org/abs/2303.15343',
  },
  golden: ['siglip_b5_d8.json', 'siglip_b8_d16.json', 'edge_siglip_large.json'],
  options: z.strictObject({
    logitScale: z.number().positive().default(10).describe('t at the start, multiplies the cosines; learned.'),
    logitBias: z.number().default(-10).describe('b at the start, added to the logits; learned.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([512])
      .describe('Widths of each projector after its encoder’s own.'),
  }),
  small: { projector: [128] },
  traits: { capture: true, memory: 'batch² similarities; a second encoder where there are two', modality: 'pairs' },
  load: async () => (await import('../siglip')).siglip,
});
