import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { skipGramLoss } from './word2vec';

/** The golden file that pins skip-gram with negative sampling, evaluated from its formula. */
export const word2vecGolden: readonly GoldenMapping[] = [
  {
    name: 'skipGramLoss',
    matches: ({ inputs }) => 'center' in inputs && 'context' in inputs && 'negatives' in inputs,
    run: (golden) => {
      const [center, context] = [golden.matrix('center'), golden.matrix('context')];
      const [batch = 0, count = 0, dim = 0] = golden.tensor('negatives').shape;
      const negatives = tf.reshape<tf.Rank.R3>(golden.tensor('negatives'), [batch, count, dim]);
      return { loss: skipGramLoss(center, context, negatives) };
    },
  },
];
