import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { ijepaLoss, ijepaTargets } from './ijepa';

/** The golden file that pins I-JEPA's loss. */
export const ijepaGolden: readonly GoldenMapping[] = [
  {
    name: 'ijepaLoss',
    matches: ({ inputs }) => 'h_full' in inputs && 'masks_pred.0' in inputs,
    run: (golden) => {
      const [batch = 1, tokens = 1] = golden.tensor('h_full').shape;
      const h: tf.Tensor3D = tf.reshape(golden.tensor('h_full'), [batch, tokens, -1]);
      const targets = tf.concat3d(
        golden.matrices('masks_pred').map((mask) => ijepaTargets(h, mask)),
        0,
      );
      return { loss: ijepaLoss(tf.reshape(golden.tensor('z'), targets.shape), targets), targets };
    },
  },
];
