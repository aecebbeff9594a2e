import { tf } from '@unlabel/core';
import fc from 'fast-check';
import {
  type CaseInput,
  describeKernels,
  type KernelCase,
  kernelCase,
  normal,
  positive,
  shapes,
  whole,
} from './describeKernelsFixture';
import { elementwiseKernels } from './elementwise';

type Draw = (shape: readonly number[]) => CaseInput;

/** Functions of one tensor. */
const unary = (draw: Draw, functions: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>>, gradient = true) =>
  Object.entries(functions).map(
    ([title, compute]): KernelCase =>
      kernelCase(title, shapes(0, 4), (shape) => ({ inputs: [draw(shape)], compute, gradient })),
  );

/** Functions of two tensors, whose shapes broadcast against each other. */
const binary = (
  draw: Draw,
  functions: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>>,
  gradient = true,
) =>
  Object.entries(functions).map(
    ([title, compute]): KernelCase =>
      kernelCase(title, broadcastShapes, ({ a, b }) => ({ inputs: [draw(a), draw(b)], compute, gradient })),
  );

/** A shape, and one that broadcasts to it: some axes of extent 1, some leading axes left out. */
const broadcastShapes = fc
  .tuple(shapes(1, 4), fc.nat({ max: 2 }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.boolean())
  .map(([whole, dropped, single, swapped]) => {
    const part = whole.map((extent, axis) => (single[axis] ? 1 : extent)).slice(Math.min(dropped, whole.length));
    return swapped ? { a: part, b: whole } : { a: whole, b: part };
  });

const fractions: Draw = (shape) => ({ ...normal(shape), draw: (stream) => stream.uniform(-0.9, 0.9) });
const aroundZero: Draw = (shape) => whole(4, shape, -3);

const cases: readonly KernelCase[] = [
  ...unary(normal, {
    abs: tf.abs,
    atan: tf.atan,
    asinh: tf.asinh,
    clipByValue: (x) => tf.clipByValue(x, -0.5, 0.5),
    clone: tf.clone,
    cos: tf.cos,
    cosh: tf.cosh,
    elu: tf.elu,
    erf: tf.erf,
    exp: tf.exp,
    expm1: tf.expm1,
    leakyRelu: (x) => tf.leakyRelu(x, 0.1),
    neg: tf.neg,
    'pow 2 and 3': (x) => tf.add(tf.pow(x, 2), tf.pow(x, 3)),
    relu: tf.relu,
    relu6: (x) => tf.relu6(tf.mul(x, 6)),
    selu: tf.selu,
    sigmoid: tf.sigmoid,
    sign: tf.sign,
    sin: tf.sin,
    sinh: tf.sinh,
    softplus: tf.softplus,
    square: tf.square,
    step: (x) => tf.step(x, 0.3),
    tan: (x) => tf.tan(tf.mul(x, 0.3)),
    tanh: tf.tanh,
  }),
  ...unary(positive, {
    acosh: (x) => tf.acosh(tf.add(x, 1)),
    log: tf.log,
    log1p: tf.log1p,
    'pow 0.5 and 1.5': (x) => tf.add(tf.pow(x, 0.5), tf.pow(x, 1.5)),
    reciprocal: tf.reciprocal,
    rsqrt: tf.rsqrt,
    sqrt: tf.sqrt,
  }),
  ...unary(fractions, { acos: tf.acos, asin: tf.asin, atanh: tf.atanh }),
  ...unary(
    normal,
    { ceil: tf.ceil, floor: tf.floor, isFinite: tf.isFinite, isInf: tf.isInf, isNaN: tf.isNaN, round: tf.round },
    false,
  ),
  ...unary(
    aroundZero,
    {
      'abs, neg and sign of whole numbers': (x) => tf.stack([tf.abs(x), tf.neg(x), tf.sign(x)]),
      'isNaN and isInf of 0/0 and 1/0': (x) => tf.logicalXor(tf.isNaN(tf.div(x, 0)), tf.isInf(tf.div(x, 0))),
      casts: (x) => tf.cast(tf.cast(tf.cast(x, 'bool'), 'float32'), 'int32'),
      not: (x) => tf.logicalNot(tf.cast(x, 'bool')),
    },
    false,
  ),
  ...binary(normal, {
    add: tf.add,
    addN: (a, b) => tf.addN([a, tf.add(tf.zerosLike(a), tf.sum(b)), a]),
    atan2: tf.atan2,
    mul: tf.mul,
    sub: tf.sub,
  }),
  ...binary(positive, {
    div: tf.div,
    mod: (a, b) => tf.mod(tf.mul(a, 7), b),
    pow: tf.pow,
  }),
  ...binary(
    aroundZero,
    {
      'atan2 on the axes': (a, b) => tf.atan2(tf.cast(a, 'float32'), tf.cast(b, 'float32')),
      divNoNan: (a, b) => tf.divNoNan(tf.cast(a, 'float32'), tf.cast(b, 'float32')),
      equal: tf.equal,
      floorDiv: (a, b) => tf.floorDiv(tf.mul(a, 5), tf.add(tf.mul(tf.abs(b), 2), 1)),
      greater: tf.greater,
      greaterEqual: tf.greaterEqual,
      less: tf.less,
      lessEqual: tf.lessEqual,
      logicalAnd: (a, b) => tf.logicalAnd(tf.cast(a, 'bool'), tf.cast(b, 'bool')),
      logicalOr: (a, b) => tf.logicalOr(tf.cast(a, 'bool'), tf.cast(b, 'bool')),
      logicalXor: (a, b) => tf.logicalXor(tf.cast(a, 'bool'), tf.cast(b, 'bool')),
      'maximum and minimum against other shapes': (a, b) =>
        tf.sub(tf.maximum(tf.cast(a, 'float32'), b), tf.minimum(a, b)),
      'maximum and minimum of whole numbers': (a, b) => tf.sub(tf.maximum(a, b), tf.minimum(a, b)),
      'mod of whole numbers': (a, b) => tf.mod(a, tf.add(tf.mul(tf.abs(b), 2), 1)),
      'mul of masks': (a, b) => tf.mul(tf.cast(a, 'bool'), tf.cast(b, 'bool')),
      notEqual: tf.notEqual,
      'sums and products of whole numbers': (a, b) => tf.squaredDifference(tf.mul(a, b), tf.add(a, tf.square(b))),
    },
    false,
  ),
  kernelCase('maximum, minimum and squaredDifference', broadcastShapes, ({ a, b }) => ({
    inputs: [normal(a), normal(b)],
    compute: (x, y) => tf.squaredDifference(tf.maximum(x, y), tf.minimum(tf.sin(x), y)),
  })),
  kernelCase('prelu', shapes(2, 4), (shape) => ({
    inputs: [normal(shape), normal([shape.at(-1) ?? 1])],
    compute: (x, alpha) => tf.prelu(x, alpha),
  })),
  kernelCase('where', broadcastShapes, ({ a, b }) => ({
    inputs: [whole(2, a), normal(a), normal(b)],
    compute: (condition, t, e) => tf.where(tf.cast(condition, 'bool'), t, tf.add(e, tf.zerosLike(t))),
  })),
  kernelCase('where of masks', shapes(1, 3), (shape) => ({
    inputs: [whole(2, shape), whole(2, shape), whole(2, shape)],
    compute: (condition, t, e) => tf.where(tf.cast(condition, 'bool'), tf.cast(t, 'bool'), tf.cast(e, 'bool')),
    gradient: false,
  })),
];

describeKernels(elementwiseKernels, cases, 4);
