import type { GoldenMapping } from '@unlabel/testkit';
import { maclLoss } from './macl';

/** The golden file that pins MACL, of lightly. */
export const maclGolden: readonly GoldenMapping[] = [
  {
    name: 'maclLoss',
    matches: ({ source, inputs }) => /^macl/i.test(source.function ?? '') && 'z0' in inputs && 'z1' in inputs,
    run: (golden) => ({
      loss: maclLoss(golden.matrix('z0'), golden.matrix('z1'), {
        temperature: golden.number('temperature', 0.1),
        alpha: golden.number('alpha', 0.5),
        initialAlignment: golden.number('A_0', 0),
      }),
    }),
  },
];
