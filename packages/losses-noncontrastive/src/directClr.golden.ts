import type { GoldenMapping } from '@unlabel/testkit';
import { directClrLoss } from './directClr';

/** Golden files that pin DirectCLR: lightly's. */
export const directClrGolden: readonly GoldenMapping[] = [
  {
    name: 'directClrLoss',
    matches: ({ source, inputs }) =>
      /^directclr(loss)?$/i.test(source.function ?? '') && 'z0' in inputs && 'z1' in inputs,
    run: (golden) => ({
      loss: directClrLoss(golden.matrix('z0'), golden.matrix('z1'), {
        dims: golden.number('loss_dim'),
        temperature: golden.number('temperature', 0.1),
      }),
    }),
  },
];
