import { define } from '@unlabel/core';
import { z } from 'zod';

const weight = z.number().nonnegative().default(1);

export const visregDefinition = define({
  kind: 'objective',
  name: 'visreg',
  summary:
    'Every view predicts the mean of the global ones; scale, shape and centre of embeddings are kept normal apart.',
  paper: {
    citation: 'Wu, Balestriero & Levine, VISReg: Variance-Invariance-Sketching Regularization for JEPA training, 2026',
    url: 'https://arxiv.org/abs/2606.02572',
  },
  golden: ['visreg_terms.json'],
  options: z.strictObject({
    regulariserWeight: z.number().min(0).max(1).default(0.9).describe('λ, share of the regulariser in the loss.'),
    scaleWeight: weight.describe('Weight of the standard deviations’ distance from 1.'),
    shapeWeight: weight.describe('Weight of the slices’ distance from a normal distribution.'),
    centreWeight: weight.describe('Weight of the mean’s distance from 0.'),
    slices: z
      .int()
      .positive()
      .default(4096)
      .describe('Directions in which the shape is compared, drawn anew for each step.'),
    globalViews: z
      .int()
      .positive()
      .exactOptional()
      .describe('How many views make the mean (default: those of the first view’s shape).'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([2048, 2048, 64])
      .describe('Widths of the projector after the encoder’s own.'),
  }),
  small: { slices: 256, projector: [512, 16] },
  traits: { capture: true, memory: 'views · batch · slices projections, sorted' },
  load: async () => (await import('../visreg')).visreg,
});
