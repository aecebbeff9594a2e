import { define } from '@unlabel/core';
import { z } from 'zod';
import { namedTokenizer, tokenizerOption } from './tokenizerOption';

const options = z.strictObject({
  tokenizer: tokenizerOption,
  length: z.int().min(3).default(514).describe('tokens of a view'),
  positives: z.int().positive().default(1),
  shortest: z.int().positive().default(32).describe('tokens of the shortest span'),
});

export const declutrDefinition = define({
  kind: 'augmentation',
  name: 'declutr',
  summary: 'A span of a document, and shorter ones that overlap or adjoin it.',
  paper: {
    citation: 'Giorgi et al., DeCLUTR: deep contrastive learning for unsupervised textual representations, ACL 2021',
    url: 'https://arxiv.org/abs/2006.03659',
  },
  options,
  load: async () => {
    const recipe = await import('../text/declutrViews');
    const named = {
      declutrViews: async ({ tokenizer, ...rest }: z.output<typeof options>) =>
        recipe.declutrViews({ ...rest, tokenizer: await namedTokenizer(tokenizer) }),
    }; // a bundler renames variables, but no properties
    return named.declutrViews;
  },
});
