import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { nearestNeighbours, nnclrLoss } from './nnclr';
import { ntXentLoss } from './ntXent';
import { enqueue } from './queue';

/** Golden files that pin NNCLR: solo-learn's loss, which is ours, and lightly's support set with NT-Xent. */
export const nnclrGolden: readonly GoldenMapping[] = [
  {
    name: 'nnclrLoss',
    matches: ({ source, inputs }) => /^nnclr/i.test(source.function ?? '') && 'nn' in inputs && 'p' in inputs,
    run: (golden) => ({
      loss: nnclrLoss(golden.matrix('nn'), golden.matrix('p'), { temperature: golden.number('temperature', 0.1) }),
    }),
  },
  {
    name: 'nearestNeighbours',
    matches: ({ inputs }) => 'bank' in inputs && 'z0' in inputs && 'p0' in inputs,
    run: (golden) => {
      const options = { temperature: golden.number('temperature', 0.1) };
      const [z0, z1, bank] = [golden.matrix('z0'), golden.matrix('z1'), golden.matrix('bank')];
      const [nn0, nn1] = [nearestNeighbours(z0, bank), nearestNeighbours(z1, bank)];
      const contrast = [ntXentLoss(nn0, golden.matrix('p1'), options), ntXentLoss(nn1, golden.matrix('p0'), options)];
      const { rows, pointer } = enqueue({ rows: bank, pointer: tf.scalar(0) }, z1); // raw, where our method normalises
      return { loss: tf.mean(tf.stack(contrast)), nn0, nn1, bank_after: rows, ptr_after: pointer };
    },
  },
];
