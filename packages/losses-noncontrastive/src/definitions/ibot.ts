import { define } from '@unlabel/core';
import { z } from 'zod';
import { maskOptions, selfDistillationOptions, smallMaskedDistillation } from './selfDistillationOptions';

export const ibotDefinition = define({
  kind: 'objective',
  name: 'ibot',
  summary: 'DINO between views, and the same for each masked patch, with the teacher as its tokenizer.',
  paper: {
    citation: 'Zhou et al., iBOT: Image BERT Pre-Training with Online Tokenizer, ICLR 2022',
    url: 'https://arxiv.org/abs/2111.07832',
  },
  golden: ['ibot_full.json', 'ibot_patch_lightly.json'],
  options: z.strictObject({
    ...selfDistillationOptions,
    ...maskOptions,
    prototypes: z.int().min(2).default(8192).describe('How many prototypes, for views and patches.'),
    momentum: z.number().min(0).max(1).default(0.996).describe('Of the teacher; rises to 1 by a cosine.'),
  }),
  small: smallMaskedDistillation,
  traits: {
    capture: true,
    memory: 'a second network, prototypes logits for each view and patch',
    encoder: 'tokens',
    views: 'multi-crop',
  },
  load: async () => (await import('../ibot')).ibot,
});
