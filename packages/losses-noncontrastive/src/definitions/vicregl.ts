import { define } from '@unlabel/core';
import { z } from 'zod';

const widths = z.array(z.int().positive()).min(1);

export const vicreglDefinition = define({
  kind: 'objective',
  name: 'vicregl',
  summary: 'VICReg of whole views and of their best matching tokens: features that know where things are.',
  paper: {
    citation: 'Bardes, Ponce & LeCun, VICRegL: Self-Supervised Learning of Local Visual Features, NeurIPS 2022',
    url: 'https://arxiv.org/abs/2210.01571',
  },
  golden: ['vicregl.json'],
  options: z.strictObject({
    globalWeight: z.number().min(0).max(1).default(0.75).describe('α, share of the global criterion.'),
    invarianceWeight: z.number().nonnegative().default(25).describe('λ, weight of the invariance terms.'),
    varianceWeight: z.number().nonnegative().default(25).describe('μ, weight of the variance terms.'),
    covarianceWeight: z.number().nonnegative().default(1).describe('ν, weight of the covariance terms.'),
    matches: z
      .tuple([z.int().positive(), z.int().positive()])
      .default([20, 4])
      .describe('γ, best matches that count, of a global view’s tokens and of the other view’s.'),
    globalViews: z
      .int()
      .positive()
      .exactOptional()
      .describe('How many of the views, from the first, are global (default: those of the first one’s shape).'),
    projector: widths.default([8192, 8192, 8192]).describe('Widths of the projector of whole views.'),
    localProjector: widths.default([512, 512, 512]).describe('Widths of the projector of tokens.'),
  }),
  small: { projector: [256, 256], localProjector: [64, 64] },
  traits: { capture: true, memory: 'tokens² distances for each pair of views', encoder: 'tokens' },
  load: async () => (await import('../vicregl')).vicregl,
});
