import { define } from '@unlabel/core';
import { z } from 'zod';
import { reference, rowNormalise, tableOf } from './rowOptions';

const options = z.strictObject({
  reference,
  probability: z.number().min(0).max(1).default(0.3).describe('of each feature to be replaced'),
  normalise: rowNormalise,
});

export const vimeDefinition = define({
  kind: 'augmentation',
  name: 'vime',
  summary: 'Rows of a table with features taken from other rows, and which, and what they were.',
  paper: {
    citation:
      'Yoon et al., VIME: extending the success of self- and semi-supervised learning to tabular domain, NeurIPS 2020',
    url: 'https://proceedings.neurips.cc/paper/2020/hash/7d97667a3e056acab9aaf653807b4a03-Abstract.html',
  },
  options,
  load: async () => {
    const recipe = await import('../rows/vimeViews');
    const named = {
      vimeViews: ({ reference: table, ...rest }: z.output<typeof options>) =>
        recipe.vimeViews({ ...rest, reference: tableOf(table) }),
    }; // a bundler renames variables, but no properties
    return named.vimeViews;
  },
});
