import { define } from '@unlabel/core';
import { z } from 'zod';

const widths = z.array(z.int().positive()).min(1);

export const mocoV3Definition = define({
  kind: 'objective',
  name: 'mocov3',
  summary: 'The student predicts from each view which sample of the batch a slowly moving teacher made of the other.',
  paper: {
    citation: 'Chen, Xie & He, An Empirical Study of Training Self-Supervised Vision Transformers, ICCV 2021',
    url: 'https://arxiv.org/abs/2104.02057',
  },
  golden: ['mocov3_b8_d16_t0.2.json', 'mocov3_b6_d8_t1.0.json'],
  options: z.strictObject({
    temperature: z.number().positive().default(0.2).describe('τ, divides the cosine similarities.'),
    momentum: z.number().min(0).max(1).default(0.99).describe('m of the teacher at first; it rises to 1.'),
    projector: widths.default([4096, 4096, 256]).describe('Widths of the projector after the encoder’s own.'),
    predictor: widths.default([4096, 256]).describe('Widths of the predictor; the last is the projector’s last.'),
  }),
  small: { projector: [512, 512, 128], predictor: [512, 128] },
  traits: { capture: true, memory: 'a second encoder, 2 · batch² similarities' },
  load: async () => (await import('../mocoV3')).mocoV3,
});
