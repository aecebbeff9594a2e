import { define } from '@unlabel/core';
import { z } from 'zod';

export const barlowTwinsDefinition = define({
  kind: 'objective',
  name: 'barlow-twins',
  summary: 'Each dimension correlates with itself in the other view, and with no other dimension.',
  paper: {
    citation:
      'Zbontar, Jing, Misra, LeCun & Deny, Barlow Twins: Self-Supervised Learning via Redundancy Reduction, ICML 2021',
    url: 'https://arxiv.org/abs/2103.03230',
  },
  golden: ['barlow_b16_d8_l0.005.json', 'barlow_spt_variant.json'],
  options: z.strictObject({
    offDiagonalWeight: z
      .number()
      .nonnegative()
      .default(0.005)
      .describe('λ, weight of the off-diagonal term; 0.0051 in the authors’ code.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([8192, 8192, 8192])
      .describe('Widths of the projector after the encoder’s own.'),
  }),
  small: { projector: [512, 512] },
  traits: { capture: true, memory: 'a dim² correlation' },
  load: async () => (await import('../barlowTwins')).barlowTwins,
});
