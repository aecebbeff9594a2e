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
  golden: [
    'lejepa_lightly_full.json',
    'lejepa_minimal_full.json',
    'lejepa_spt_full.json',
    'sigreg_sliced_b32_d16_s24.json',
  ],
  options: z.strictObject({
    sigregWeight: z.number().min(0).max(1).default(0.05).describe('λ, share of SIGReg in the loss.'),
    slices: z.int().positive().default(256).describe('Directions that SIGReg tests, drawn anew for each step.'),
    knots: z.int().min(2).default(17).describe('Points at which characteristic functions are compared.'),
    reach: z.number().positive().default(3).describe('The largest of these points.'),
    test: z
      .enum([
        'anderson-darling',
        'cramer-von-mises',
        'epps-pulley',
        'jarque-bera',
        'moments',
        'order-likelihood',
        'shapiro-wilk',
        'vasicek',
        'vcreg',
        'watson',
      ])
      .default('epps-pulley')
      .describe('Test of each slice; `knots` and `reach` are of Epps–Pulley alone.'),
    multivariateTest: z
      .enum(['bhep', 'comb', 'henze-visagie', 'henze-zirkler'])
      .exactOptional()
      .describe('Tests all dimensions at once, instead of slices.'),
    weighting: z
      .enum(['paper', 'minimal-example', 'stable-pretraining'])
      .default('paper')
      .describe('Which of the published forms of the loss; λ does not carry over.'),
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
