import { define } from '@unlabel/core';
import { z } from 'zod';

export const clipDefinition = define({
  kind: 'objective',
  name: 'clip',
  summary: 'Find each image’s text among those of the batch, and each text’s image, with a learned temperature.',
  paper: {
    citation: 'Radford et al., Learning Transferable Visual Models From Natural Language Supervision, ICML 2021',
    url: 'https://arxiv.org/abs/2103.00020',
  },
  golden: ['clip_b5_d8.json', 'clip_b8_d16.json', 'edge_clip_scale100.json'],
  options: z.strictObject({
    logitScale: z
      .number()
      .positive()
      .max(100)
      .default(1 / 0.07)
      .describe('Multiplies the cosines at the start; learned, and kept at 100 or below.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([512])
      .describe('Widths of each projector after its encoder’s own.'),
  }),
  small: { projector: [128] },
  traits: { capture: true, memory: 'batch² similarities; a second encoder where there are two', modality: 'pairs' },
  load: async () => (await import('../clip')).clip,
});
