import type { GoldenMapping } from '@unlabel/testkit';
import { vibcregLoss } from './vibcreg';

/** Golden files that pin VIbCReg, of solo-learn. */
export const vibcregGolden: readonly GoldenMapping[] = [
  {
    name: 'vibcregLoss',
    matches: ({ source, inputs }) => /^vibcreg/i.test(source.function ?? '') && 'z1' in inputs && 'z2' in inputs,
    run: (golden) => ({
      loss: vibcregLoss(golden.matrix('z1'), golden.matrix('z2'), {
        invarianceWeight: golden.number('sim', 25),
        varianceWeight: golden.number('var', 25),
        covarianceWeight: golden.number('cov', 200),
      }),
    }),
  },
];
