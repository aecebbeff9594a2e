import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { visregLoss, visregTerms } from './visreg';

/** Golden files that pin VISReg: the sum of its regulariser's terms, or the whole loss of global and local views. */
export const visregGolden: readonly GoldenMapping[] = [
  {
    name: 'visregTerms',
    matches: ({ source, inputs }) => /visreg/i.test(source.function ?? '') && 'proj' in inputs && 'A' in inputs,
    run: (golden) => {
      const z = views(golden.tensor('proj'));
      const { scale, shape, centre } = visregTerms(z, golden.matrix('A'));
      const loss = tf.add(tf.add(scale, shape), centre);
      return { loss, scale_loss: scale, shape_loss: shape, center_loss: centre };
    },
  },
  {
    name: 'visregLoss',
    matches: ({ source, inputs }) => /visreg/i.test(source.function ?? '') && 'global_proj' in inputs && 'A' in inputs,
    run: (golden) => {
      const global = views(golden.tensor('global_proj'));
      const z = golden.has('local_proj') ? tf.concat3d([global, views(golden.tensor('local_proj'))], 0) : global;
      const regulariserWeight = golden.number('lambda_param', 0.9);
      return { loss: visregLoss(z, golden.matrix('A'), { regulariserWeight, globalViews: global.shape[0] }) };
    },
  },
];

function views(tensor: tf.Tensor): tf.Tensor3D {
  const [count = 1, batch = 1] = tensor.shape;
  return tf.reshape(tensor, [count, batch, -1]);
}
