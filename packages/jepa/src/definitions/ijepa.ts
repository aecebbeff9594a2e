import { define } from '@unlabel/core';
import { z } from 'zod';

const shares = z.tuple([z.number().positive().max(1), z.number().positive().max(1)]);

export const ijepaDefinition = define({
  kind: 'objective',
  name: 'i-jepa',
  summary: 'From a part of an image, predict a teacher’s tokens of other parts; no augmentation.',
  paper: {
    citation:
      'Assran et al., Self-Supervised Learning from Images with a Joint-Embedding Predictive Architecture, CVPR 2023',
    url: 'https://arxiv.org/abs/2301.08243',
  },
  golden: ['ijepa_loss.json'],
  options: z.strictObject({
    momentum: z.number().min(0).max(1).default(0.996).describe('Of the teacher; rises to 1 in a straight line.'),
    predictorDim: z.int().positive().multipleOf(4).default(384).describe('Length of the predictor’s tokens.'),
    predictorDepth: z.int().positive().default(12).describe('Blocks of the predictor.'),
    predictorHeads: z
      .int()
      .positive()
      .exactOptional()
      .describe('Attention heads of the predictor (default: predictorDim/32).'),
    targetBlocks: z.int().positive().default(4).describe('M, blocks to predict.'),
    targetScale: shares.default([0.15, 0.2]).describe('Least and largest share of the grid of such a block.'),
    targetAspect: z
      .tuple([z.number().positive(), z.number().positive()])
      .default([0.75, 1.5])
      .describe('Its least and largest height over width.'),
    contextScale: shares.default([0.85, 1]).describe('Share of the grid of the block that the context is cut from.'),
    contextTokens: z.int().positive().exactOptional().describe('Patches of the context (default: 30 % of the grid).'),
    targetTokens: z
      .int()
      .positive()
      .exactOptional()
      .describe('Patches of each target (default: the smallest target block’s).'),
  }),
  small: { predictorDim: 48, predictorDepth: 2, momentum: 0.999 },
  traits: {
    capture: true,
    memory: 'a second encoder, a predictor over targetBlocks sequences for each image',
    encoder: 'tokens',
    views: 'one',
  },
  load: async () => (await import('../ijepa')).ijepa,
});
