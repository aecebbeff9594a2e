import type { GoldenMapping } from '@unlabel/testkit';
import { alignmentLoss, alignmentUniformityLoss, uniformityLoss } from './alignmentUniformity';

/** Golden files that pin alignment and uniformity: the authors', and lightly's sum of both. */
export const alignmentUniformityGolden: readonly GoldenMapping[] = [
  {
    name: 'alignmentUniformityLoss',
    matches: ({ source, inputs }) =>
      /align_loss|uniform_loss/i.test(source.function ?? '') && 'x' in inputs && 'y' in inputs,
    run: (golden) => {
      const [x, y] = [golden.matrix('x'), golden.matrix('y')];
      const options = { exponent: golden.number('alpha', 2), concentration: golden.number('t', 2) };
      return {
        loss: alignmentUniformityLoss(x, y, options),
        align: alignmentLoss(x, y, options),
        uniform_x: uniformityLoss(x, options),
        uniform_y: uniformityLoss(y, options),
      };
    },
  },
  {
    name: 'alignmentUniformityLoss, weighted',
    matches: ({ source, inputs }) => /hypersphere/i.test(source.function ?? '') && 'z0' in inputs && 'z1' in inputs,
    run: (golden) => ({
      loss: alignmentUniformityLoss(golden.matrix('z0'), golden.matrix('z1'), {
        exponent: golden.number('alpha', 2),
        concentration: golden.number('t', 1),
        uniformityWeight: golden.number('lam', 1),
      }),
    }),
  },
];
