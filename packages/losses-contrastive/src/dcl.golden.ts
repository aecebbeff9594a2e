import type { GoldenMapping } from '@unlabel/testkit';
import { dclLoss, dclwLoss } from './dcl';

/** Golden files that pin DCL and DCLW, of lightly. */
export const dclGolden: readonly GoldenMapping[] = [
  {
    name: 'dclLoss',
    matches: ({ source, inputs }) => /^dcl_?loss/i.test(source.function ?? '') && 'z0' in inputs && 'z1' in inputs,
    run: (golden) => ({
      loss: dclLoss(golden.matrix('z0'), golden.matrix('z1'), { temperature: golden.number('temperature', 0.1) }),
    }),
  },
  {
    name: 'dclwLoss',
    matches: ({ source, inputs }) => /^dclw_?loss/i.test(source.function ?? '') && 'z0' in inputs && 'z1' in inputs,
    run: (golden) => ({
      loss: dclwLoss(golden.matrix('z0'), golden.matrix('z1'), {
        temperature: golden.number('temperature', 0.1),
        sigma: golden.number('sigma', 0.5),
      }),
    }),
  },
];
