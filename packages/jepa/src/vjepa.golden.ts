import { tf } from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from '@unlabel/testkit';
import { vjepaLoss, vjepaRegulariser } from './vjepa';

/** The golden file that pins V-JEPA's loss and variance term. */
export const vjepaGolden: readonly GoldenMapping[] = [
  {
    name: 'vjepaLoss',
    matches: ({ source, inputs }) => /loss_fn/.test(source.function ?? '') && 'z.0' in inputs && 'h.0' in inputs,
    run: (golden) => {
      const z = tokens(golden, 'z');
      return {
        loss: vjepaLoss(z, tokens(golden, 'h'), { exponent: golden.number('loss_exp', 1) }),
        reg_std_relu: vjepaRegulariser(z),
      };
    },
  },
];

function tokens(golden: GoldenCase, list: string): tf.Tensor3D[] {
  return Object.keys(golden.file.inputs)
    .filter((name) => name.startsWith(`${list}.`))
    .map((name) => {
      const [batch = 1, count = 1] = golden.tensor(name).shape;
      return tf.reshape(golden.tensor(name), [batch, count, -1]);
    });
}
