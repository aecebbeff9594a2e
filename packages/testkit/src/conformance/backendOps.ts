import { type HostTensors, type NamedTensors, tf } from '@unlabel/core';
import { integerTensor, normalTensor } from './hostTensors';

/** One op, or a few that belong together, on fixed inputs. */
export interface OpCase {
  readonly name: string;
  readonly inputs: HostTensors;
  compute(inputs: NamedTensors): tf.Tensor;
  /** Whether its gradient is compared as well. */ readonly differentiable: boolean;
  /** Allowed difference, relative to each tensor's largest magnitude (default: the suite's). */ readonly tolerance?: number;
}

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** What losses, layers and optimizers are made of. */
export function opCases(): readonly OpCase[] {
  return [...elementwise(), ...pairwise(), ...reductions(), ...rearrangements(), ...products(), ...images()];
}

function elementwise(): OpCase[] {
  const positive: Unary = (x) => tf.add(tf.abs(x), 0.1);
  return [
    unary('neg', tf.neg),
    unary('abs', tf.abs),
    unary('exp', tf.exp),
    unary('log', (x) => tf.log(positive(x))),
    unary('sqrt', (x) => tf.sqrt(positive(x))),
    unary('rsqrt', (x) => tf.rsqrt(positive(x))),
    unary('reciprocal', (x) => tf.reciprocal(positive(x))),
    unary('square', tf.square),
    unary('relu', tf.relu),
    unary('sigmoid', tf.sigmoid),
    unary('tanh', tf.tanh),
    unary('erf', tf.erf),
    unary('sin', tf.sin),
    unary('cos', tf.cos),
    unary('softplus', tf.softplus),
    unary('clipByValue', (x) => tf.clipByValue(x, -0.5, 0.5)),
    unary('softmax', (x) => tf.softmax(x)),
    unary('logSoftmax', (x) => tf.logSoftmax(x)),
    unary('logSumExp', (x) => tf.logSumExp(x, 1)),
    unary('sign', tf.sign, false),
    unary('floor', tf.floor, false),
    unary('cast to bool and back', (x) => tf.cast(tf.cast(tf.relu(x), 'bool'), 'float32'), false),
    unary('oneHot', (x) => tf.oneHot(tf.argMax(x, 1), 4), false),
  ];
}

function pairwise(): OpCase[] {
  return [
    binary('add', tf.add),
    binary('sub', tf.sub),
    binary('mul', tf.mul),
    binary('div', (a, b) => tf.div(a, tf.add(tf.abs(b), 0.5))),
    binary('maximum', tf.maximum),
    binary('minimum', tf.minimum),
    binary('squaredDifference', tf.squaredDifference),
    binary('pow', (a, b) => tf.pow(tf.add(tf.abs(a), 0.5), b)),
    binary('add a row', tf.add, [3, 4], [4]),
    binary('mul by a column', tf.mul, [3, 4], [3, 1]),
    binary('sub outer', tf.sub, [3, 1], [1, 4]),
    binary('div by a scalar', (a, b) => tf.div(a, tf.add(tf.abs(b), 0.5)), [3, 4], []),
    {
      name: 'where',
      inputs: { mask: integerTensor([1, 0, 1, 0]), a: normalTensor('a', [3, 4]), b: normalTensor('b', [3, 4]) },
      compute: ({ mask, a, b }) =>
        tf.where(tf.tile(tf.expandDims(tf.cast(named(mask), 'bool')), [3, 1]), named(a), named(b)),
      differentiable: true,
    },
    binary('comparisons', comparisons, [3, 4], [3, 4], false),
  ];
}

/** Bits of six comparisons, summed. */
function comparisons(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const found = [
    tf.greater(a, b),
    tf.greaterEqual(a, b),
    tf.less(a, b),
    tf.lessEqual(a, b),
    tf.equal(a, a),
    tf.logicalAnd(tf.greater(a, 0), tf.logicalNot(tf.greater(b, 0))),
  ];
  return tf.addN(found.map((each, bit) => tf.mul(tf.cast(each, 'float32'), 2 ** bit)));
}

function reductions(): OpCase[] {
  return [
    unary('sum', (x) => tf.sum(x)),
    unary('sum over an axis, kept', (x) => tf.sum(x, 0, true)),
    unary('mean over an axis', (x) => tf.mean(x, 1)),
    unary('max over an axis', (x) => tf.max(x, 1)),
    unary('min', (x) => tf.min(x)),
    unary('moments', (x) => tf.add(tf.moments(x, 0).mean, tf.moments(x, 0).variance)),
    unary('cumsum', (x) => tf.cumsum(x, 1)),
    unary('argMax', (x) => tf.argMax(x, 1), false),
    unary('addN of sixty', (x) => tf.addN(Array.from({ length: 60 }, (_, index) => tf.mul(x, index)))),
  ];
}

function rearrangements(): OpCase[] {
  return [
    unary('reshape', (x) => tf.reshape(x, [2, -1])),
    unary('transpose', (x) => tf.transpose(x)),
    unary('transpose of four axes', (x) => tf.transpose(tf.reshape(x, [1, 3, 2, 2]), [0, 2, 3, 1])),
    unary('slice', (x) => tf.slice(x, [1, 0], [2, 3])),
    unary('pad', (x) =>
      tf.pad(x, [
        [1, 0],
        [0, 2],
      ]),
    ),
    unary('tile', (x) => tf.tile(x, [2, 1])),
    unary('reverse', (x) => tf.reverse(x, 0)),
    unary('expandDims and squeeze', (x) => tf.squeeze(tf.expandDims(x, 1))),
    unary('split and stack', (x) => tf.stack(tf.split(x, 2, 1))),
    unary('unstack', (x) => tf.concat(tf.unstack(x).reverse())),
    unary('constants', (x) => tf.add(tf.mul(x, tf.range(0, 4)), tf.add(tf.eye(3, 4), tf.tensor1d([1, 2, 3, 4])))),
    binary('concat', (a, b) => tf.concat([a, b, a], 1)),
    {
      name: 'gather with repeated rows',
      inputs: { x: normalTensor('x', [3, 4]), rows: integerTensor([2, 0, 2, 1]) },
      compute: ({ x, rows }) => tf.gather(named(x), tf.cast(named(rows), 'int32')),
      differentiable: true,
    },
  ];
}

function products(): OpCase[] {
  return [
    binary('matMul', (a, b) => tf.matMul(a, b), [3, 4], [4, 2]),
    binary('matMul, first transposed', (a, b) => tf.matMul(a, b, true), [4, 3], [4, 2]),
    binary('matMul, second transposed', (a, b) => tf.matMul(a, b, false, true), [3, 4], [2, 4]),
    binary('matMul, both transposed', (a, b) => tf.matMul(a, b, true, true), [4, 3], [2, 4]),
    binary('matMul of batches', (a, b) => tf.matMul(a, b, false, true), [2, 3, 4], [2, 5, 4]),
  ];
}

function images(): OpCase[] {
  const image = [2, 6, 6, 3];
  const conv = (stride: number, pad: 'same' | 'valid' | number): Binary => {
    return (x, kernel) => tf.conv2d(shaped(x), shaped(kernel), stride, pad);
  };
  return [
    binary('conv2d', conv(1, 'same'), image, [3, 3, 3, 4]),
    binary('conv2d, stride 2, padded by 1', conv(2, 1), image, [3, 3, 3, 4]),
    binary('conv2d, valid', conv(1, 'valid'), image, [3, 3, 3, 2]),
    binary('conv2d of single pixels, stride 2', conv(2, 0), image, [1, 1, 3, 5]),
    binary(
      'depthwiseConv2d',
      (x, kernel) => tf.depthwiseConv2d(shaped(x), shaped(kernel), 1, 'same'),
      image,
      [3, 3, 3, 1],
    ),
    unary('maxPool', (x) => tf.maxPool(shaped(x), 2, 2, 'valid'), true, image),
    unary('maxPool, overlapping', (x) => tf.maxPool(shaped(x), 3, 2, 1), true, image),
    unary('avgPool', (x) => tf.avgPool(shaped(x), 2, 2, 'valid'), true, image),
    unary('global average', (x) => tf.mean(x, [1, 2]), true, image),
  ];
}

function unary(name: string, compute: Unary, differentiable = true, shape: readonly number[] = [3, 4]): OpCase {
  const inputs = { x: normalTensor('x', shape) };
  return { name, inputs, compute: ({ x }) => compute(named(x)), differentiable };
}

function binary(
  name: string,
  compute: Binary,
  shapeA: readonly number[] = [3, 4],
  shapeB: readonly number[] = shapeA,
  differentiable = true,
): OpCase {
  const inputs = { a: normalTensor('a', shapeA), b: normalTensor('b', shapeB) };
  return { name, inputs, compute: ({ a, b }) => compute(named(a), named(b)), differentiable };
}

function shaped(x: tf.Tensor): tf.Tensor4D {
  const [a = 1, b = 1, c = 1, d = 1] = x.shape;
  return tf.reshape(x, [a, b, c, d]);
}

function named(tensor: tf.Tensor | undefined): tf.Tensor {
  if (tensor) return tensor;
  throw new Error('The step was run without an input of this case.');
}
