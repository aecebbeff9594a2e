import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { mmcrLoss, mmcrTerms } from './mmcr';
import { nuclearNorm } from './nuclearNorm';

/** Golden files that pin MMCR: the authors', and lightly's, which normalises nothing and adds a teacher's views. */
export const mmcrGolden: readonly GoldenMapping[] = [
  {
    name: 'mmcrLoss',
    matches: ({ source, inputs }) => /^mmcr_?loss(\.forward)?$/i.test(source.function ?? '') && 'z' in inputs,
    run: (golden) => {
      const rows = golden.matrix('z'); // all views of sample 0, then those of sample 1
      const byView: tf.Tensor3D = tf.reshape(rows, [-1, golden.number('n_aug', 2), rows.shape[1]]);
      const views = tf.unstack(byView, 1).map((z): tf.Tensor2D => tf.reshape(z, [-1, rows.shape[1]]));
      const { local, centroids } = mmcrTerms(views);
      return {
        loss: mmcrLoss(views, { localWeight: golden.number('lmbda', 0) }),
        local_nuc: tf.mul(local, byView.shape[0]),
        global_nuc: centroids,
      };
    },
  },
  {
    name: 'nuclearNorm, as lightly combines it',
    matches: ({ source, inputs }) =>
      /^mmcr_?loss(\.forward)?$/i.test(source.function ?? '') && 'online' in inputs && 'momentum' in inputs,
    run: (golden) => {
      const [batch = 1, , dim = 1] = golden.tensor('online').shape; // `[batch, views, dim]`
      const all = tf.concat([golden.tensor('online'), golden.tensor('momentum')], 1);
      const z: tf.Tensor3D = tf.reshape(all, [batch, -1, dim]);
      const local = tf.mean(nuclearNorm(z));
      const centroids = tf.sum(nuclearNorm(tf.mean<tf.Tensor3D>(tf.transpose(z, [1, 0, 2]), 0, true)));
      return { loss: tf.sub(tf.mul(golden.number('lmda', 5e-3), local), centroids) };
    },
  },
];
