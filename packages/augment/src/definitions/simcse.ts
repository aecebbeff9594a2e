import { define } from '@unlabel/core';
import { z } from 'zod';
import { namedTokenizer, tokenizerOption } from './tokenizerOption';

const options = z.strictObject({
  tokenizer: tokenizerOption,
  length: z.int().min(3).default(32).describe('tokens of a view'),
  views: z.int().positive().default(2),
});

export const simcseDefinition = define({
  kind: 'augmentation',
  name: 'simcse',
  summary: 'Texts as they are, twice: only the encoder’s dropout tells them apart.',
  paper: {
    citation: 'Gao, Yao & Chen, SimCSE: simple contrastive learning of sentence embeddings, EMNLP 2021',
    url: 'https://arxiv.org/abs/2104.08821',
  },
  options,
  load: async () => {
    const recipe = await import('../text/simcseViews');
    const named = {
      simcseViews: async ({ tokenizer, ...rest }: z.output<typeof options>) =>
        recipe.simcseViews({ ...rest, tokenizer: await namedTokenizer(tokenizer) }),
    }; // a bundler renames variables, but no properties
    return named.simcseViews;
  },
});
