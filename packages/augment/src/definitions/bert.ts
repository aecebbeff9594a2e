import { define } from '@unlabel/core';
import { z } from 'zod';
import { namedTokenizer, tokenizerOption } from './tokenizerOption';

const probability = z.number().min(0).max(1);

const options = z.strictObject({
  tokenizer: tokenizerOption,
  length: z.int().min(3).default(128).describe('tokens of a view'),
  share: z.number().positive().max(1).default(0.15).describe('of the tokens, to predict'),
  maxPredictions: z.int().positive().default(20),
  mask: probability.default(0.8).describe('probability that one of these becomes [MASK]'),
  random: probability.default(0.1).describe('probability that one becomes another token'),
});

export const bertDefinition = define({
  kind: 'augmentation',
  name: 'bert',
  summary: 'Texts with 15 % of their tokens masked, and what they were.',
  paper: {
    citation: 'Devlin et al., BERT: pre-training of deep bidirectional transformers, NAACL 2019',
    url: 'https://arxiv.org/abs/1810.04805',
  },
  options,
  load: async () => {
    const recipe = await import('../text/bertViews');
    const named = {
      bertViews: async ({ tokenizer, ...rest }: z.output<typeof options>) =>
        recipe.bertViews({ ...rest, tokenizer: await namedTokenizer(tokenizer) }),
    }; // a bundler renames variables, but no properties
    return named.bertViews;
  },
});
