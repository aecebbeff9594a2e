import type { GoldenMapping } from '@unlabel/testkit';
import { simCseLoss } from './simCse';

/** Golden files that pin SimCSE, of the authors: two sentences, or a hard negative beside them. */
export const simCseGolden: readonly GoldenMapping[] = [
  {
    name: 'simCseLoss',
    matches: ({ source, inputs }) => /simcse/i.test(source.repo ?? '') && 'z1' in inputs && 'z2' in inputs,
    run: (golden) => ({
      loss: simCseLoss(golden.matrix('z1'), golden.matrix('z2'), {
        temperature: golden.number('temp', 0.05),
        hardNegativeWeight: golden.number('hard_negative_weight', 0),
        ...(golden.has('z3') && { hardNegatives: golden.matrix('z3') }),
      }),
    }),
  },
];
