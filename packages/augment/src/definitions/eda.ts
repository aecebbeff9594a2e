import { define } from '@unlabel/core';
import { z } from 'zod';
import { namedTokenizer, tokenizerOption } from './tokenizerOption';

const options = z.strictObject({
  tokenizer: tokenizerOption,
  length: z.int().min(3).default(64).describe('tokens of a view'),
  views: z.int().positive().default(2),
  swap: z.number().min(0).max(1).default(0.1).describe('swaps, as a share of the words'),
  deletion: z.number().min(0).max(1).default(0.1).describe('probability of each word to go'),
});

export const edaDefinition = define({
  kind: 'augmentation',
  name: 'eda',
  summary: 'Texts of which words change places and go.',
  paper: {
    citation:
      'Wei & Zou, EDA: easy data augmentation techniques for boosting performance on text classification tasks, EMNLP 2019',
    url: 'https://arxiv.org/abs/1901.11196',
  },
  options,
  load: async () => {
    const recipe = await import('../text/edaViews');
    const named = {
      edaViews: async ({ tokenizer, ...rest }: z.output<typeof options>) =>
        recipe.edaViews({ ...rest, tokenizer: await namedTokenizer(tokenizer) }),
    }; // a bundler renames variables, but no properties
    return named.edaViews;
  },
});
