import { define } from '@unlabel/core';
import { z } from 'zod';

const paper = {
  citation: 'Yeh, Hong, Hsu, Liu, Chen & LeCun, Decoupled Contrastive Learning, ECCV 2022',
  url: 'https://arxiv.org/abs/2110.06848',
};

const options = z.strictObject({
  temperature: z.number().positive().default(0.1).describe('τ, divides the cosine similarities.'),
  projector: z
    .array(z.int().positive())
    .min(1)
    .exactOptional()
    .describe('Widths of the projector after the encoder’s own (default: the encoder’s width, 128).'),
});

export const dclDefinition = define({
  kind: 'objective',
  name: 'dcl',
  summary: 'NT-Xent whose denominator leaves the positive out, so that small batches learn as well.',
  paper,
  golden: ['dcl_b8_d16_t0.1.json', 'dcl_b32_d16_t0.5.json'],
  options,
  small: { projector: [512, 128] },
  traits: { capture: true, memory: '(2 · batch)² similarities' },
  load: async () => (await import('../dcl')).dcl,
});

export const dclwDefinition = define({
  kind: 'objective',
  name: 'dclw',
  summary: 'DCL that weighs a positive more the less its views agree.',
  paper,
  golden: ['dclw_b8_d16_t0.1_s0.5.json', 'dclw_b32_d16_t0.5_s0.5.json'],
  options: options.extend({
    sigma: z.number().positive().default(0.5).describe('σ, how sharply weights fall with similarity.'),
  }),
  small: { projector: [512, 128] },
  traits: { capture: true, memory: '(2 · batch)² similarities' },
  load: async () => (await import('../dcl')).dclw,
});
