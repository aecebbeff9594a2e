import { define } from '@unlabel/core';
import { z } from 'zod';

export const simCseDefinition = define({
  kind: 'objective',
  name: 'simcse',
  summary: 'A sentence encoded twice under other dropout masks finds itself among the batch; or what it entails.',
  paper: {
    citation: 'Gao, Yao & Chen, SimCSE: Simple Contrastive Learning of Sentence Embeddings, EMNLP 2021',
    url: 'https://arxiv.org/abs/2104.08821',
  },
  golden: ['simcse_unsup.json', 'simcse_sup_hardneg.json'],
  options: z.strictObject({
    temperature: z.number().positive().default(0.05).describe('τ, divides the cosine similarities.'),
    hardNegativeWeight: z.number().default(0).describe('ln α, of a sample’s own hard negative.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .exactOptional()
      .describe('Widths of the projector after the encoder’s own, tanh at its end (default: the encoder’s width).'),
  }),
  small: {},
  traits: { capture: true, memory: 'batch² similarities', views: 'one', modality: 'text' },
  load: async () => (await import('../simCse')).simCse,
});
