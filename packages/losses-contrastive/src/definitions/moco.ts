import { define } from '@unlabel/core';
import { z } from 'zod';

export const mocoDefinition = define({
  kind: 'objective',
  name: 'moco',
  summary: 'A query finds the key that a slowly moving teacher made of its other view, in a queue of earlier keys.',
  paper: {
    citation:
      'He, Fan, Wu, Xie & Girshick, Momentum Contrast for Unsupervised Visual Representation Learning, CVPR 2020',
    url: 'https://arxiv.org/abs/1911.05722',
  },
  golden: ['moco_queue_b6_k20_t0.07.json', 'ntxent_memorybank_b4_k10_t0.07.json'],
  options: z.strictObject({
    temperature: z.number().positive().default(0.2).describe('τ, divides the similarities; 0.07 in MoCo v1.'),
    queueSize: z.int().positive().default(65536).describe('K, keys in the queue, at least a batch.'),
    momentum: z.number().min(0).max(1).default(0.999).describe('m of the teacher that makes the keys.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .exactOptional()
      .describe('Widths of the projector after the encoder’s own (default: the encoder’s width, 128; v1: 128).'),
  }),
  small: { temperature: 0.1, queueSize: 1024, momentum: 0.99, projector: [512, 128] },
  traits: { capture: true, memory: 'a second encoder, queueSize · dim keys, batch · queueSize similarities' },
  load: async () => (await import('../moco')).moco,
});
