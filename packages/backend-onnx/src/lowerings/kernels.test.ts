import { hostTensor, lossAndGradients, type NamedTensors, randomStream, type Step, sizeOf, tf } from '@unlabel/core';
import { describe, expect, test } from 'vitest';
import { disagreements, onBoth } from '../againstEager';

/** A function of float32 tensors; where `gradient` is false, tfjs has none. */
interface Case {
  readonly title: string;
  readonly shapes: readonly (readonly number[])[];
  readonly compute: (...tensors: tf.Tensor[]) => tf.Tensor;
  readonly gradient?: boolean;
  /** Inputs above 0, for functions that need it. */ readonly positive?: boolean;
}

const matrix = [[3, 4]];
const pair = [
  [3, 4],
  [3, 4],
];

const plain = (title: string, compute: Case['compute'], shapes: Case['shapes'] = matrix): Case => ({
  title,
  shapes,
  compute,
});
const positive = (title: string, compute: Case['compute'], shapes: Case['shapes'] = matrix): Case => ({
  title,
  shapes,
  compute,
  positive: true,
});
const valueOnly = (title: string, compute: Case['compute'], shapes: Case['shapes'] = matrix): Case => ({
  title,
  shapes,
  compute,
  gradient: false,
});

const unary: readonly Case[] = [
  ...(['abs', 'cos', 'cosh', 'elu', 'erf', 'exp', 'expm1', 'neg', 'relu', 'relu6', 'selu'] as const).map((name) =>
    plain(name, (x) => tf[name](x)),
  ),
  ...(['sigmoid', 'sign', 'sin', 'sinh', 'softplus', 'square', 'tan', 'tanh', 'atan', 'asinh', 'clone'] as const).map(
    (name) => plain(name, (x) => tf[name](x)),
  ),
  ...(['log', 'log1p', 'reciprocal', 'rsqrt', 'sqrt'] as const).map((name) => positive(name, (x) => tf[name](x))),
  ...(['ceil', 'floor', 'round', 'isNaN', 'isInf', 'isFinite'] as const).map((name) =>
    valueOnly(name, (x) => tf.cast(tf[name](x), 'float32')),
  ),
  plain('asin, acos and atanh inside ±1', (x) =>
    tf.add(tf.asin(tf.mul(x, 0.1)), tf.add(tf.acos(tf.mul(x, 0.1)), tf.atanh(tf.mul(x, 0.1)))),
  ),
  positive('acosh', (x) => tf.acosh(tf.add(x, 1))),
  plain('leakyRelu', (x) => tf.leakyRelu(x, 0.1)),
  plain('clipByValue', (x) => tf.clipByValue(x, -0.5, 0.5)),
  valueOnly('step', (x) => tf.step(x, 0.3)),
  plain('pow 2, 3, 0.5 and 1.5', (x) => tf.add(tf.pow(x, 2), tf.add(tf.pow(x, 3), tf.pow(tf.abs(x), 1.5)))),
];

const binary: readonly Case[] = [
  ...(['add', 'sub', 'mul', 'maximum', 'minimum', 'squaredDifference'] as const).map((name) =>
    plain(name, (a, b) => tf[name](a ?? 0, b ?? 0), pair),
  ),
  plain('broadcasts a vector over rows', (a, b) => tf.mul(a ?? 0, b ?? 0), [[3, 4], [4]]),
  plain('broadcasts a column over columns', (a, b) => tf.div(a ?? 0, tf.add(tf.square(b ?? 0), 1)), [
    [3, 4],
    [3, 1],
  ]),
  positive('div and pow', (a, b) => tf.div(a ?? 1, tf.pow(b ?? 1, a ?? 1)), pair),
  positive('mod', (a, b) => tf.mod(tf.mul(a ?? 1, 7), b ?? 1), pair),
  plain('prelu', (a, b) => tf.prelu(a ?? 0, b ?? 0), [[3, 4], [4]]),
  plain('addN', (a, b) => tf.addN([tf.add(a ?? 0, 0), tf.add(b ?? 0, 0), tf.add(a ?? 0, 1)]), pair),
  valueOnly('comparisons', (a, b) => comparisons(a, b), pair),
  valueOnly('logic', (a, b) => logic(tf.greater(a ?? 0, 0), tf.greater(b ?? 0, 0)), pair),
  plain('where', (a, b) => tf.where(tf.tensor1d([1, 0, 0, 1], 'bool'), a ?? tf.scalar(0), b ?? tf.scalar(0)), pair),
  valueOnly('whole numbers', (a) => wholeNumbers(a)),
];

function comparisons(a: tf.Tensor = tf.scalar(0), b: tf.Tensor = tf.scalar(0)): tf.Tensor {
  const ops = [tf.equal, tf.notEqual, tf.greater, tf.greaterEqual, tf.less, tf.lessEqual];
  return tf.stack(ops.map((op) => tf.cast(op(a, b), 'float32')));
}

function logic(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const results = [tf.logicalAnd(a, b), tf.logicalOr(a, b), tf.logicalXor(a, b), tf.logicalNot(a)];
  return tf.stack([
    ...results.map((result) => tf.cast(result, 'float32')),
    tf.broadcastTo(tf.cast(tf.any(a), 'float32'), a.shape),
    tf.broadcastTo(tf.cast(tf.all(b), 'float32'), a.shape),
  ]);
}

function wholeNumbers(a: tf.Tensor): tf.Tensor {
  const whole = tf.cast(tf.mul(a, 5), 'int32');
  const divided = tf.floorDiv(whole, tf.scalar(3, 'int32'));
  return tf.stack([
    divided,
    tf.mod(whole, tf.scalar(3, 'int32')),
    tf.maximum(whole, tf.scalar(1, 'int32')),
    tf.mul(whole, whole),
  ]);
}

const reductions: readonly Case[] = [
  ...([undefined, 0, [1, 2], [0, 2]] as const).flatMap((axis) =>
    (['sum', 'mean', 'max', 'min', 'prod'] as const).map((name) => ({
      ...plain(
        `${name} over axis ${axis ?? 'all'}`,
        (x) => tf[name](x, axis === undefined ? undefined : typeof axis === 'number' ? axis : [...axis]),
        [[2, 3, 4]],
      ),
      gradient: name !== 'prod',
    })),
  ),
  plain('sum with keepDims', (x) => tf.mul(x, tf.sum(x, [0, 2], true)), [[2, 3, 4]]),
  plain('logSumExp', (x) => tf.logSumExp(x, 1)),
  plain('softmax', (x) => tf.square(tf.softmax(x))),
  plain('logSoftmax', (x) => tf.square(tf.logSoftmax(x))),
  plain('l2 norm', (x) => tf.norm(x, 2, 1)),
  plain('moments', (x) => tf.moments(x, 0).variance),
  plain('cumsum', (x) => tf.cumsum(x, 1, true, true)),
  valueOnly('argMax and argMin', (x) => tf.stack([tf.argMax(x, 1), tf.argMin(x, 1)])),
  valueOnly('topk', (x) => tf.concat([tf.topk(x, 2).values, tf.cast(tf.topk(x, 2).indices, 'float32')], 1)),
];

const shapes: readonly Case[] = [
  plain('reshape, expandDims and squeeze', (x) => tf.squeeze(tf.expandDims(tf.reshape(x, [2, -1]), 1))),
  plain('transpose', (x) => tf.transpose(x, [2, 0, 1]), [[2, 3, 4]]),
  plain('tile', (x) => tf.tile(x, [2, 3])),
  plain('tile of an axis of one', (x) => tf.mul(tf.tile(x, [1, 4, 1]), tf.reshape(tf.range(0, 4), [1, 4, 1])), [
    [2, 1, 3],
  ]),
  plain('broadcastTo', (x) => tf.square(tf.broadcastTo(x, [2, 3, 4])), [[3, 1]]),
  plain('slice', (x) => tf.slice(x, [1, 0], [2, -1])),
  valueOnly('stridedSlice', (x) => tf.stridedSlice(x, [0, 3], [3, 0], [2, -1])),
  plain('split', (x) => tf.mul(...splitTwo(x))),
  plain('split into given sizes', (x) => tf.concat(tf.split(x, [1, 3], 1).toReversed(), 1)),
  plain('stack and unstack', (x) => tf.stack(tf.unstack(x, 1).toReversed(), 0)),
  plain('concat', (a, b) => tf.concat([a ?? tf.scalar(0), tf.square(b ?? tf.scalar(0))], 1), [
    [3, 4],
    [3, 2],
  ]),
  plain('pad', (x) =>
    tf.square(
      tf.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        0.5,
      ),
    ),
  ),
  valueOnly('mirrorPad', (x) =>
    tf.mirrorPad(
      x,
      [
        [1, 1],
        [0, 2],
      ],
      'reflect',
    ),
  ),
  plain('reverse', (x) => tf.reverse(x, 1)),
  plain('gather', (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 0)),
  plain('gather along the last axis', (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 1)),
  valueOnly('gather with batch dimensions', (x) =>
    tf.gather(
      x,
      tf.tensor2d(
        [
          [2, 0],
          [1, 1],
          [0, 3],
        ],
        [3, 2],
        'int32',
      ),
      1,
      1,
    ),
  ),
  valueOnly('gatherND', (x) =>
    tf.gatherND(
      x,
      tf.tensor2d(
        [
          [2, 0],
          [1, 1],
        ],
        [2, 2],
        'int32',
      ),
    ),
  ),
  valueOnly('scatterND', (x) => tf.scatterND(tf.tensor2d([[1], [0], [1]], [3, 1], 'int32'), x, [2, 4])),
  plain('unsortedSegmentSum', (x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, 0, 1], 'int32'), 3)),
  plain('one-hot, eye, range and linspace', (x) =>
    tf.add(
      tf.mul(x, tf.oneHot(tf.tensor1d([3, -1, 0], 'int32'), 4)),
      tf.add(tf.range(0, 4), tf.slice(tf.eye(4), 0, 3)),
    ),
  ),
  plain('linspace, fill, onesLike and zerosLike', (x) =>
    tf.add(tf.mul(x, tf.linspace(0, 1, 4)), tf.add(tf.fill([3, 4], 0.5), tf.add(tf.onesLike(x), tf.zerosLike(x)))),
  ),
];

function splitTwo(x: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const [first = x, second = x] = tf.split(x, 2, 1);
  return [first, second];
}

const products: readonly Case[] = [
  ...[false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) =>
      plain(
        `matMul, transposed ${transposeA}, ${transposeB}`,
        (a, b) => tf.matMul(a ?? tf.scalar(0), b ?? tf.scalar(0), transposeA, transposeB),
        [transposeA ? [4, 3] : [3, 4], transposeB ? [5, 4] : [4, 5]],
      ),
    ),
  ),
  plain('batched matMul', (a, b) => tf.matMul(a ?? tf.scalar(0), b ?? tf.scalar(0), false, true), [
    [2, 3, 4],
    [2, 5, 4],
  ]),
  valueOnly('einsum', (a, b) => tf.einsum('bij,bkj->bik', a ?? tf.scalar(0), b ?? tf.scalar(0)), [
    [2, 3, 4],
    [2, 5, 4],
  ]),
];

const stream = randomStream([3, 'kernels.test']);

function inputsOf({ shapes, positive = false }: Case) {
  const draw = () => (positive ? 0.2 + stream.uniform() : stream.normal());
  return Object.fromEntries(
    shapes.map((shape, index) => [`x${index}`, hostTensor(Float32Array.from({ length: sizeOf(shape) }, draw), shape)]),
  );
}

/** The value, and the gradient of a weighted sum of it. */
function stepOf({ compute, gradient = true }: Case): Step {
  return ({ inputs }) => {
    const tensors = Object.values(inputs);
    const result = compute(...tensors);
    if (!gradient) return { outputs: { result } };
    const { gradients } = lossAndGradients(() => ({ loss: weightedSum(compute(...tensors)), extra: {} }), inputs);
    return { outputs: { result, ...prefixed(gradients) } };
  };
}

function weightedSum(tensor: tf.Tensor): tf.Scalar {
  const weights = tf.tensor(
    Float32Array.from({ length: tensor.size }, (_, index) => Math.cos(index + 1)),
    tensor.shape,
  );
  return tf.sum(tf.mul(tensor, weights));
}

function prefixed(gradients: NamedTensors): NamedTensors {
  return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [`gradient/${name}`, gradient]));
}

describe.each([
  ['of one tensor', unary],
  ['of two tensors', binary],
  ['that reduce', reductions],
  ['that move elements', shapes],
  ['that multiply matrices', products],
] as const)('functions %s agree with the eager backend', (_, cases) => {
  test.each(cases.map((one) => [one.title, one] as const))('%s', async (_, one) => {
    const { eager, onnx } = await onBoth({ step: stepOf(one), inputs: inputsOf(one) });
    expect(disagreements(eager.outputs[0] ?? {}, onnx.outputs[0] ?? {}, 2e-5)).toEqual([]);
  });
});
