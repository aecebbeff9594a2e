import { define } from '@unlabel/core';
import { z } from 'zod';

export const empSslDefinition = define({
  kind: 'objective',
  name: 'emp-ssl',
  summary: 'Many views agree with their mean, and each view’s projections have a high coding rate.',
  paper: {
    citation: 'Tong, Chen, Ma & LeCun, EMP-SSL: Towards Self-Supervised Learning in One Training Epoch, 2023',
    url: 'https://arxiv.org/abs/2304.03977',
  },
  golden: ['emp_ssl.json'],
  options: z.strictObject({
    invarianceWeight: z.number().nonnegative().default(200).describe('λ, weight of the invariance term.'),
    distortion: z.number().positive().default(0.2).describe('ε², distortion that the code may have.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([4096, 512])
      .describe('Widths of the projector after the encoder’s own.'),
  }),
  small: { projector: [512, 128] },
  traits: { capture: true, memory: 'a dim² covariance for each view' },
  load: async () => (await import('../empSsl')).empSsl,
});
