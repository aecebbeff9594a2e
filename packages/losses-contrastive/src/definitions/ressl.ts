import { define } from '@unlabel/core';
import { z } from 'zod';

export const resslDefinition = define({
  kind: 'objective',
  name: 'ressl',
  summary: 'The student relates its view to a queue of samples as a slowly moving teacher relates the other view.',
  paper: {
    citation: 'Zheng et al., ReSSL: Relational Self-Supervised Learning with Weak Augmentation, NeurIPS 2021',
    url: 'https://arxiv.org/abs/2107.09282',
  },
  golden: ['ressl_tq0.1_tk0.04.json'],
  options: z.strictObject({
    studentTemperature: z.number().positive().default(0.1).describe('τ_s, of the student’s similarities.'),
    teacherTemperature: z.number().positive().default(0.04).describe('τ_t, of the teacher’s: sharpens the target.'),
    queueSize: z.int().positive().default(131072).describe('K, samples in the queue, at least a batch.'),
    momentum: z.number().min(0).max(1).default(0.999).describe('m of the teacher.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([4096, 512])
      .describe('Widths of the projector after the encoder’s own.'),
  }),
  small: { queueSize: 1024, momentum: 0.99, projector: [512, 128] },
  traits: { capture: true, memory: 'a second encoder, queueSize · dim keys, 2 · batch · queueSize similarities' },
  load: async () => (await import('../ressl')).ressl,
});
