import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { whiten } from './whitening';
import { wMseLoss } from './wMse';

/** Golden files that pin whitening and W-MSE: the authors', whole batches and groups of them. */
export const wMseGolden: readonly GoldenMapping[] = [
  {
    name: 'wMseLoss, whiten',
    matches: ({ source, inputs }) => /^Whitening2d/.test(source.function ?? '') && 'z0' in inputs && 'z1' in inputs,
    run: (golden) => {
      const [z0, z1, epsilon] = [golden.matrix('z0'), golden.matrix('z1'), golden.number('eps', 0)];
      return {
        loss: wMseLoss([z0, z1], { epsilon }),
        whitened0: whiten(z0, { epsilon }),
        whitened1: whiten(z1, { epsilon }),
      };
    },
  },
  {
    name: 'wMseLoss, groups',
    matches: ({ source, inputs }) => /^WMSE/.test(source.function ?? '') && 'perm' in inputs && 'z0' in inputs,
    run: (golden) => {
      const order: tf.Tensor1D = tf.reshape(golden.tensor('perm'), [-1]); // each row of perm lists a group
      const views = ['z0', 'z1'].map((view) => tf.gather(golden.matrix(view), order));
      return { loss: wMseLoss(views, { groupSize: golden.number('w_size'), epsilon: golden.number('eps', 0) }) };
    },
  },
];
