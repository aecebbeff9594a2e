import { define } from '@unlabel/core';
import { z } from 'zod';

export const directClrDefinition = define({
  kind: 'objective',
  name: 'directclr',
  summary: 'Contrasts the first dimensions of the representation itself; no projector.',
  paper: {
    citation: 'Jing, Vincent, LeCun & Tian, Understanding Dimensional Collapse in Contrastive SSL, ICLR 2022',
    url: 'https://arxiv.org/abs/2110.09348',
  },
  golden: ['directclr_ld5.json'],
  options: z.strictObject({
    dims: z.int().positive().describe('d₀, how many dimensions the loss sees; default 360 of 2048.').exactOptional(),
    temperature: z.number().positive().default(0.1).describe('τ, divides the cosine similarities.'),
  }),
  small: {},
  traits: { capture: true, memory: 'batch² similarities' },
  load: async () => (await import('../directClr')).directClr,
});
