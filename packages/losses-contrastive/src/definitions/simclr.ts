import { define } from '@unlabel/core';
import { z } from 'zod';

export const simclrDefinition = define({
  kind: 'objective',
  name: 'simclr',
  summary: 'NT-Xent between two or more views: pull a sample’s views together, push other samples away.',
  paper: {
    citation: 'Chen, Kornblith, Norouzi & Hinton, A Simple Framework for Contrastive Learning, ICML 2020',
    url: 'https://arxiv.org/abs/2002.05709',
  },
  golden: ['ntxent_b32_d32_t0.5.json', 'simclr_multiview_v3_b6_t0.2.json'],
  options: z.strictObject({
    temperature: z.number().positive().default(0.5).describe('τ, divides the cosine similarities.'),
    learnTemperature: z.boolean().default(false).describe('Whether τ is learned from there on, and kept from 0.01 on.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .exactOptional()
      .describe('Widths of the projector after the encoder’s own (default: the encoder’s width, 128).'),
  }),
  small: { temperature: 0.1, projector: [512, 128] },
  traits: { capture: true, memory: '(views · batch)² similarities' },
  load: async () => (await import('../simclr')).simclr,
});
