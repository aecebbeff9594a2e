import { define } from '@unlabel/core';
import { z } from 'zod';
import { maskOptions, selfDistillationOptions, smallMaskedDistillation } from './selfDistillationOptions';

export const dinov2Definition = define({
  kind: 'objective',
  name: 'dinov2',
  summary: 'iBOT with a head for patches, Sinkhorn–Knopp in place of centres, and KoLeo, which spreads features.',
  paper: {
    citation: 'Oquab et al., DINOv2: Learning Robust Visual Features without Supervision, TMLR 2024',
    url: 'https://arxiv.org/abs/2304.07193',
  },
  golden: ['dinov2_cls.json', 'ibot_patch_dinov2.json', 'koleo_b16_d4.json', 'sinkhorn_dinov2_b5_k9_it3.json'],
  options: z.strictObject({
    ...selfDistillationOptions,
    ...maskOptions,
    prototypes: z.int().min(2).default(65536).describe('How many prototypes either head has.'),
    momentum: z.number().min(0).max(1).default(0.992).describe('Of the teacher; rises to 1 by a cosine.'),
    koleoWeight: z.number().nonnegative().default(0.1).describe('Weight of KoLeo.'),
    centring: z
      .enum(['mean', 'sinkhorn'])
      .default('sinkhorn')
      .describe('What keeps the teacher from one prototype for all: its mean subtracted, or Sinkhorn–Knopp.'),
  }),
  small: smallMaskedDistillation,
  traits: {
    capture: true,
    memory: 'a second network, prototypes logits for each view and patch',
    encoder: 'tokens',
    views: 'multi-crop',
  },
  load: async () => (await import('../dinov2')).dinov2,
});
