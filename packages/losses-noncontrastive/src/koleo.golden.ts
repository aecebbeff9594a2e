import type { GoldenMapping } from '@unlabel/testkit';
import { koleoLoss } from './koleo';

/** Golden files that pin KoLeo: DINOv2's. */
export const koleoGolden: readonly GoldenMapping[] = [
  {
    name: 'koleoLoss',
    matches: ({ source, inputs }) => /^koleo(loss)?$/i.test(source.function ?? '') && 'x' in inputs,
    run: (golden) => ({ loss: koleoLoss(golden.matrix('x'), { epsilon: golden.number('eps', 1e-8) }) }),
  },
];
