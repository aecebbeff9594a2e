import { define } from '@unlabel/core';
import { z } from 'zod';

const widths = z.array(z.int().positive()).min(1);

export const nnclrDefinition = define({
  kind: 'objective',
  name: 'nnclr',
  summary: 'The nearest neighbour of one view, among a queue of earlier projections, is the positive of the other.',
  paper: {
    citation: 'Dwibedi et al., With a Little Help from My Friends: Nearest-Neighbor Contrastive Learning, ICCV 2021',
    url: 'https://arxiv.org/abs/2104.14548',
  },
  golden: ['nnclr_solo_b6_t0.1.json', 'nnclr_lightly_b6_k20_t0.1.json'],
  options: z.strictObject({
    temperature: z.number().positive().default(0.1).describe('τ, divides the cosine similarities.'),
    queueSize: z.int().positive().default(65536).describe('Projections in the support set, at least a batch.'),
    projector: widths.default([2048, 2048, 256]).describe('Widths of the projector after the encoder’s own.'),
    predictor: widths.default([4096, 256]).describe('Widths of the predictor; the last is the projector’s last.'),
  }),
  small: { queueSize: 1024, projector: [512, 128], predictor: [512, 128] },
  traits: { capture: true, memory: 'queueSize · dim projections, 2 · batch · queueSize similarities' },
  load: async () => (await import('../nnclr')).nnclr,
});
