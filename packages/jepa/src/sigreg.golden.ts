import { tf } from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from '@unlabel/testkit';
import { eppsPulley, sigreg } from './sigreg';

/** Golden files that pin the statistic and its mean over slices. */
export const sigregGolden: readonly GoldenMapping[] = [
  {
    name: 'eppsPulley',
    matches: ({ source, inputs }) => /^EppsPulley/.test(source.function ?? '') && 'x' in inputs && !('A' in inputs),
    run: (golden) => {
      const statistic = eppsPulley(golden.tensor('x'), integration(golden));
      return { loss: tf.mean(statistic), statistic };
    },
  },
  {
    name: 'sigreg',
    matches: ({ source, inputs }) =>
      /SlicingUnivariateTest\(EppsPulley/.test(source.function ?? '') && 'x' in inputs && 'A' in inputs,
    run: (golden) => {
      const loss = sigreg(golden.tensor('x'), golden.matrix('A'), integration(golden));
      return { loss, sum_reduction: tf.mul(loss, golden.matrix('A').shape[1]) };
    },
  },
];

function integration(golden: GoldenCase) {
  return { knots: golden.number('n_points', golden.number('knots', 17)), reach: golden.number('t_max', 3) };
}
