import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { multiViewNtXentLoss, ntXentLoss } from './ntXent';

/** Golden files that pin NT-Xent: lightly's two-view form, and solo-learn's of any number of views. */
export const ntXentGolden: readonly GoldenMapping[] = [
  {
    name: 'ntXentLoss',
    matches: ({ source, params, inputs }) =>
      /nt_?xent/i.test(source.function ?? '') &&
      !('memory_bank_size' in params) &&
      Object.keys(inputs).join() === 'z0,z1',
    run: (golden) => ({
      loss: ntXentLoss(golden.matrix('z0'), golden.matrix('z1'), { temperature: golden.number('temperature') }),
    }),
  },
  {
    name: 'multiViewNtXentLoss',
    matches: ({ source, params, inputs }) =>
      source.function === 'simclr_loss_func' && typeof params.num_views === 'number' && 'z' in inputs,
    run: (golden) => {
      const z = golden.matrix('z');
      const views = tf.split<tf.Tensor2D>(z, golden.number('num_views'), 0);
      return { loss: multiViewNtXentLoss(views, { temperature: golden.number('temperature') }) };
    },
  },
];
