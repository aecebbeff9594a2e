import type { GoldenMapping } from '@unlabel/testkit';
import { frosslLoss } from './frossl';

/** Golden files that pin FroSSL, of lightly. */
export const frosslGolden: readonly GoldenMapping[] = [
  {
    name: 'frosslLoss',
    matches: ({ source, inputs }) => /^frossl/i.test(source.function ?? '') && 'z.0' in inputs,
    run: (golden) => ({
      loss: frosslLoss(golden.matrices('z'), { invarianceWeight: golden.number('invariance_weight', 1) }),
    }),
  },
];
