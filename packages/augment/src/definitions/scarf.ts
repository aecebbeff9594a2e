import { define } from '@unlabel/core';
import { z } from 'zod';
import { reference, rowNormalise, tableOf } from './rowOptions';

const options = z.strictObject({
  reference,
  share: z.number().min(0).max(1).default(0.6).describe('of the features, to replace'),
  normalise: rowNormalise,
});

export const scarfDefinition = define({
  kind: 'augmentation',
  name: 'scarf',
  summary: 'Rows of a table: as they are, and with 60 % of their features taken from other rows.',
  paper: {
    citation: 'Bahri et al., SCARF: self-supervised contrastive learning using random feature corruption, ICLR 2022',
    url: 'https://arxiv.org/abs/2106.15147',
  },
  options,
  load: async () => {
    const recipe = await import('../rows/scarfViews');
    const named = {
      scarfViews: ({ reference: table, ...rest }: z.output<typeof options>) =>
        recipe.scarfViews({ ...rest, reference: tableOf(table) }),
    }; // a bundler renames variables, but no properties
    return named.scarfViews;
  },
});
