import { define } from '@unlabel/core';
import { z } from 'zod';
import { namedTokenizer, tokenizerOption } from './tokenizerOption';

const options = z.strictObject({
  tokenizer: tokenizerOption,
  length: z.int().min(3).default(256).describe('tokens of a view'),
  views: z.int().positive().default(2),
  share: z
    .tuple([z.number().positive().max(1), z.number().positive().max(1)])
    .readonly()
    .default([0.05, 0.5])
    .describe('of the words that a view keeps'),
  deletion: z.number().min(0).max(1).default(0.1).describe('probability of each of these to go'),
});

export const contrieverDefinition = define({
  kind: 'augmentation',
  name: 'contriever',
  summary: 'Runs of words of a document, cut out independently, of which some go.',
  paper: {
    citation: 'Izacard et al., Unsupervised dense information retrieval with contrastive learning, TMLR 2022',
    url: 'https://arxiv.org/abs/2112.09118',
  },
  options,
  load: async () => {
    const recipe = await import('../text/contrieverViews');
    const named = {
      contrieverViews: async ({ tokenizer, ...rest }: z.output<typeof options>) =>
        recipe.contrieverViews({ ...rest, tokenizer: await namedTokenizer(tokenizer) }),
    }; // a bundler renames variables, but no properties
    return named.contrieverViews;
  },
});
