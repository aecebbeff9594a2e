import { define } from '@unlabel/core';
import { z } from 'zod';

export const lejepaDefinition = define({
  kind: 'objective',
  name: 'lejepa',
  summary: 'Every view predicts the mean of the global ones, and embeddings are kept normally distributed by SIGReg.',
  paper: {
    citation:
      'Balestriero & LeCun, LeJEPA: Provable and Scalable Self-Supervised Learning Without the Heuristics, 2025',
    url: 'https://arxiv.org/abs/2511.08544',
  },
  golden: ['lejepa_lightly_full.json', 'lejepa_minimal_full.json', 'sigreg_sliced_b32_d16_s24.json'],
  options: z.strictObject({
    sigregWeight: z.number().min(0).max(1).default(0.05).describe('λ, share of SIGReg in the loss.'),
    slices: z.int().positive().default(256).describe('Directions that SIGReg tests, drawn anew for each step.'),
    knots: z.int().min(2).default(17).describe('Points at which characteristic functions are compared.'),
    reach: z.number().positive().default(3).describe('The largest of these points.'),
    globalViews: z
      .int()
      .positive()
      .exactOptional()
      .describe('How many views make the centre (default: those of the first view’s shape).'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([2048, 2048, 16])
      .describe('Widths of the projector after the encoder’s own.'),
  }),
  small: { projector: [512, 16] },
  traits: { capture: true, memory: 'views · batch · slices projections' },
  load: async () => (await import('../lejepa')).lejepa,
});
