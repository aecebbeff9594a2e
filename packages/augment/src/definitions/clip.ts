import { define } from '@unlabel/core';
import { z } from 'zod';
import { namedTokenizer, tokenizerOption } from './tokenizerOption';

const options = z.strictObject({
  tokenizer: tokenizerOption,
  length: z.int().min(3).default(76).describe('tokens of a text'),
  size: z.int().positive().default(224),
  channels: z
    .union([z.literal(1), z.literal(3)])
    .default(3)
    .describe('1 grey, 3 RGB'),
  scale: z
    .tuple([z.number(), z.number()])
    .readonly()
    .default([0.9, 1])
    .describe("share of the image's area that a crop shows"),
  normalise: z
    .strictObject({ mean: z.array(z.number()), std: z.array(z.number().positive()) })
    .exactOptional()
    .describe('per channel'),
});

export const clipDefinition = define({
  kind: 'augmentation',
  name: 'clip',
  summary: 'Pairs: a crop of most of the image, and its text as it is.',
  paper: {
    citation: 'Radford et al., Learning transferable visual models from natural language supervision, ICML 2021',
    url: 'https://arxiv.org/abs/2103.00020',
  },
  options,
  load: async () => {
    const recipe = await import('../clipViews');
    const named = {
      clipViews: async ({ tokenizer, ...rest }: z.output<typeof options>) =>
        recipe.clipViews({ ...rest, tokenizer: await namedTokenizer(tokenizer) }),
    }; // a bundler renames variables, but no properties
    return named.clipViews;
  },
});
