import type { GoldenMapping } from '@unlabel/testkit';
import { negativeCosine, simsiamLoss } from './simsiam';

/** Golden files that pin SimSiam: both directions with their stopped targets, and lightly's negative cosine alone. */
export const simsiamGolden: readonly GoldenMapping[] = [
  {
    name: 'simsiamLoss',
    matches: ({ source, inputs }) =>
      /negative_?cosine_?similarity|simsiam/i.test(source.function ?? '') && 'p0' in inputs && 'z1' in inputs,
    run: (golden) => ({
      loss: simsiamLoss(golden.matrix('p0'), golden.matrix('p1'), golden.matrix('z0'), golden.matrix('z1')),
    }),
  },
  {
    name: 'negativeCosine',
    matches: ({ source, inputs }) =>
      /negative_?cosine_?similarity/i.test(source.function ?? '') && 'x0' in inputs && 'x1' in inputs,
    run: (golden) => ({ loss: negativeCosine(golden.matrix('x0'), golden.matrix('x1')) }),
  },
];
