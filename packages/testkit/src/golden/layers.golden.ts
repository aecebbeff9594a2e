import {
  attention,
  batchNorm,
  type CollectingContext,
  conv2d,
  gelu,
  geluTanh,
  layerContext,
  layerNorm,
  type NamedTensors,
  sinCosPositions,
  sinkhorn,
  tf,
} from '@unlabel/core';
import type { GoldenMapping } from './goldenMapping';

/** Layers in PyTorch's layouts: weights `[out, in]`, images channels-first; and fixed positions. */
export const layerGolden: readonly GoldenMapping[] = [
  {
    name: 'batchNorm',
    matches: ({ source, inputs }) => source.function === 'batch_norm' && inputs.x?.shape.length === 2,
    run: (golden) => {
      const channels = golden.tensor('gamma').shape[0] ?? 0;
      const { context, updates } = contextOf({
        scale: golden.tensor('gamma'),
        offset: golden.tensor('beta'),
        runningMean: tf.zeros([channels]),
        runningVariance: tf.ones([channels]),
      });
      const options = { channels, epsilon: golden.number('eps'), momentum: golden.number('momentum') };
      const out = batchNorm(options).apply(golden.tensor('x'), context);
      const { runningMean = out, runningVariance = out } = updates;
      return { loss: tf.sum(tf.pow(out, 3)), out, running_mean: runningMean, running_var: runningVariance };
    },
  },
  {
    name: 'conv2d',
    matches: ({ source, params }) => source.function === 'conv2d' && !params.groups && !params.dilation,
    run: (golden) => {
      const kernel = tf.transpose(golden.tensor('w'), [2, 3, 1, 0]);
      const [size = 1, , inputChannels = 1, outputChannels = 1] = kernel.shape;
      const geometry = { kernelSize: size, stride: golden.number('stride', 1), padding: golden.number('padding', 0) };
      const layer = conv2d({ inputChannels, outputChannels, ...geometry, bias: golden.has('b') });
      const bias = golden.has('b') ? { bias: golden.tensor('b') } : {};
      const [batch = 1, , height = 1, width = 1] = golden.tensor('x').shape;
      const images = tf.reshape<tf.Rank.R4>(tf.transpose(golden.tensor('x'), [0, 2, 3, 1]), [batch, height, width, inputChannels]);
      const out = tf.transpose(layer.apply(images, contextOf({ kernel, ...bias }).context), [0, 3, 1, 2]);
      return { loss: sumOfSquares(out), out };
    },
  },
  {
    name: 'layerNorm and gelu',
    matches: ({ source }) => /^layer_norm, gelu/.test(source.function ?? ''),
    run: (golden) => {
      const layer = layerNorm({ dim: golden.tensor('gamma').shape[0] ?? 0, epsilon: golden.number('eps') });
      const { context } = contextOf({ scale: golden.tensor('gamma'), offset: golden.tensor('beta') });
      const normed = layer.apply(golden.tensor('x'), context);
      const activated = gelu(normed);
      return { loss: sumOfSquares(activated), layer_norm: normed, gelu: activated, gelu_tanh: geluTanh(normed) };
    },
  },
  {
    name: 'attention',
    matches: ({ source, inputs }) =>
      /scaled dot product attention/.test(source.function ?? '') && 'wq' in inputs && !('mask' in inputs),
    run: (golden) => {
      const [batch = 1, tokens = 1, dim = 1] = golden.tensor('x').shape;
      const layer = attention({ dim, heads: golden.number('num_heads'), qkvBias: false, bias: false });
      const kernels = ['wq', 'wk', 'wv'].map((name) => tf.transpose(golden.tensor(name)));
      const values = { 'qkv/kernel': tf.concat(kernels, 1), 'proj/kernel': tf.transpose(golden.tensor('wo')) };
      const out = layer.apply(tf.reshape(golden.tensor('x'), [batch, tokens, dim]), contextOf(values).context);
      return { loss: sumOfSquares(out), out };
    },
  },
  {
    name: 'sinCosPositions',
    matches: ({ source, params }) =>
      /^get_[123]d_sincos_pos_embed$/.test(source.function ?? '') && params.uniform_power !== false,
    run: (golden) => {
      const side = golden.number('grid_size');
      const axes = Number(golden.file.source.function?.slice(4, 5));
      const grid = axes === 3 ? [golden.number('grid_depth'), side, side] : Array.from({ length: axes }, () => side);
      const dim = golden.number('embed_dim');
      const pos = sinCosPositions(grid, dim);
      return { pos: golden.file.params.cls_token === true ? tf.concat([tf.zeros([1, dim]), pos], 0) : pos };
    },
  },
  {
    name: 'sinkhorn of SwAV',
    matches: ({ source, inputs }) => /sinkhorn/.test(source.function ?? '') && 'scores' in inputs,
    run: (golden) => {
      const options = { epsilon: golden.number('epsilon', 0.05), iterations: golden.number('iterations', 3) };
      return { q: sinkhorn(golden.matrix('scores'), options) };
    },
  },
  {
    name: 'sinkhorn of DINOv2',
    matches: ({ source, inputs }) => /sinkhorn/.test(source.function ?? '') && 'teacher_output' in inputs,
    run: (golden) => {
      const options = { epsilon: golden.number('teacher_temp'), iterations: golden.number('n_iterations', 3) };
      return { q: sinkhorn(golden.matrix('teacher_output'), options) };
    },
  },
];

function sumOfSquares(output: tf.Tensor): tf.Scalar {
  return tf.sum(tf.square(output));
}

function contextOf(values: NamedTensors): CollectingContext {
  const undrawn = (_: string, shape: readonly number[]) => tf.zeros([...shape]);
  return layerContext(values, { training: true, random: { normal: undrawn, uniform: undrawn } });
}
