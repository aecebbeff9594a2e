import type { GoldenMapping } from '@unlabel/testkit';
import { tripletLoss } from './triplet';

/** Golden files that pin the triplet loss, of PyTorch. */
export const tripletGolden: readonly GoldenMapping[] = [
  {
    name: 'tripletLoss',
    matches: ({ source, inputs }) =>
      /^triplet/i.test(source.function ?? '') && 'anchor' in inputs && 'positive' in inputs && 'negative' in inputs,
    run: (golden) => ({
      loss: tripletLoss(golden.matrix('anchor'), golden.matrix('positive'), golden.matrix('negative'), {
        margin: golden.number('margin', 1),
        p: golden.number('p', 2),
        swap: golden.file.params.swap === true,
        distance: /cosine/i.test(golden.file.source.function ?? '') ? 'cosine' : 'euclidean',
      }),
    }),
  },
];
