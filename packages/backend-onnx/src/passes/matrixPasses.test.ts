import {
  activation,
  type HostTensor,
  hostTensor,
  layerContext,
  layerNorm,
  lossAndGradients,
  randomStream,
  type Step,
  sizeOf,
  standardise,
  stopGradient,
  tf,
} from '@unlabel/core';
import { describe, expect, test } from 'vitest';
import { disagreements, onBoth } from '../againstEager';
import { explain } from '../explain/explain';
import type { PassName } from './passNames';

interface Case {
  readonly title: string;
  readonly pass: PassName;
  /** The operator that the pass is about, and how many nodes of it there are without the pass and with it. */
  readonly operator: string;
  readonly nodes: readonly [without: number, withPass: number];
  readonly inputs: Readonly<Record<string, HostTensor>>;
  /** A tensor of the inputs; gradients are those of the sum of its sines. */
  readonly result: (tensors: Tensors) => tf.Tensor;
}

type Tensors = (name: string) => tf.Tensor;

const stream = randomStream([3, 'matrixPasses.test']);
const normal = (...shape: number[]) => hostTensor(Float32Array.from({ length: sizeOf(shape) }, stream.normal), shape);
const matrices = { a: normal(32, 24), b: normal(24, 20), bias: normal(20), c: normal(32, 24), d: normal(24, 20) };
const product = (of: Tensors, a = 'a', b = 'b') => tf.matMul(of(a), of(b));

/** The products of a matrix with each third of a kernel. */
function parts(of: Tensors): readonly tf.Tensor[] {
  const thirds = tf.split(of('kernel'), 3, 1);
  return thirds.map((third) => tf.matMul(of('a'), third));
}

const cases: readonly Case[] = [
  {
    title: "sums a bias's gradient as a product",
    pass: 'columnSums',
    operator: 'ReduceSum',
    nodes: [2, 1],
    inputs: matrices,
    result: (of) => tf.add(product(of), of('bias')),
  },
  {
    title: 'sums over several leading axes',
    pass: 'columnSums',
    operator: 'ReduceSum',
    nodes: [3, 1],
    inputs: { tokens: normal(4, 8, 20), scale: normal(20) },
    result: (of) => tf.sum(tf.mul(of('tokens'), of('scale')), [0, 1], true),
  },
  {
    title: 'adds a bias while multiplying',
    pass: 'productSums',
    operator: 'Gemm',
    nodes: [0, 1],
    inputs: matrices,
    result: (of) => tf.add(product(of), of('bias')),
  },
  {
    title: 'adds one product to another, and leaves one alone that somebody else reads',
    pass: 'productSums',
    operator: 'Gemm',
    nodes: [0, 1],
    inputs: matrices,
    result: (of) => {
      const shared = product(of);
      return tf.mul(tf.add(shared, product(of, 'c', 'd')), tf.exp(tf.mul(shared, 0.01)));
    },
  },
  {
    title: 'scales factors, behind a reshape too, and results',
    pass: 'productScales',
    operator: 'Mul',
    nodes: [4, 1],
    inputs: { ...matrices, a: normal(4, 8, 24) },
    result: (of) => {
      const rows = tf.reshape<tf.Rank.R2>(tf.mul(of('a'), 3), [32, 24]);
      return tf.mul(tf.reshape(tf.div(tf.matMul(rows, of('b')), 7), [4, 8, 20]), 0.5);
    },
  },
  {
    title: 'scales a product together with what is added to it',
    pass: 'productScales',
    operator: 'Mul',
    nodes: [2, 0],
    inputs: matrices,
    result: (of) => tf.mul(tf.add(product(of), of('bias')), 0.3),
  },
  {
    title: 'scales factors of a product alone, not what is added to it',
    pass: 'productScales',
    operator: 'Mul',
    nodes: [4, 0],
    inputs: matrices,
    result: (of) => tf.add(tf.matMul<tf.Tensor2D>(tf.mul(of('a'), 3), tf.mul(of('b'), 0.5)), of('bias')),
  },
  {
    title: 'takes one product for the gradient of a split kernel and one for what it is multiplied by',
    pass: 'jointProducts',
    operator: 'FusedMatMul',
    nodes: [4, 2],
    inputs: { a: normal(32, 24), kernel: normal(24, 30) },
    result: (of) => {
      const [first = 0, second = 0, third = 0] = parts(of);
      return tf.add(tf.add(first, tf.sin(second)), tf.cos(third));
    },
  },
  {
    title: 'needs all parts of a kernel',
    pass: 'jointProducts',
    operator: 'FusedMatMul',
    nodes: [3, 3],
    inputs: { a: normal(32, 24), kernel: normal(24, 30) },
    result: (of) => {
      const [first = 0, second = 0] = parts(of);
      return tf.mul(first, tf.sin(second));
    },
  },
  {
    title: 'normalises rows',
    pass: 'layerNormalization',
    operator: 'LayerNormalization',
    nodes: [0, 1],
    inputs: { tokens: normal(2, 5, 24), scale: normal(24), offset: normal(24) },
    result: (of) => {
      const values = { scale: of('scale'), offset: of('offset') };
      const random = { normal: () => tf.scalar(0), uniform: () => tf.scalar(0) };
      return layerNorm({ dim: 24 }).apply(of('tokens'), layerContext(values, { training: true, random }).context);
    },
  },
  {
    title: 'takes a number that is added for its offset',
    pass: 'layerNormalization',
    operator: 'Add', // ε once, and the number
    nodes: [2, 0],
    inputs: { tokens: normal(2, 5, 24) },
    result: (of) => tf.mul(of('tokens'), tf.add(standardise(stopGradient(of('tokens'))), 1)),
  },
  {
    title: 'shifts and scales erf, far from 0 too',
    pass: 'normalDistribution',
    operator: 'HardSigmoid',
    nodes: [0, 1],
    inputs: { x: hostTensor(Float32Array.of(-40, -13, -3, -0.5, 0, 1e-20, 0.5, 3, 13, 40), [10]) },
    result: (of) => activation('gelu')(of('x')),
  },
];

describe.each(cases)('$pass $title', ({ pass, operator, nodes, inputs, result }) => {
  const step: Step = ({ inputs: given }) => {
    const of = (name: string) => given[name] ?? tf.scalar(0);
    const { loss, gradients } = lossAndGradients(
      () => ({ loss: tf.sum<tf.Scalar>(tf.sin(result(of))), extra: {} }),
      given,
    );
    return { outputs: { loss, ...gradients } };
  };

  test('with the gradients of the eager backend', async () => {
    const { eager, onnx } = await onBoth({ step, inputs });
    expect(disagreements(eager.outputs[0] ?? {}, onnx.outputs[0] ?? {}, 2e-5)).toEqual([]);
  });

  test('in the operators that it is about', () => {
    const count = (...without: PassName[]) =>
      explain(step, { state: {}, inputs }, { without }).after.operators[operator]?.nodes ?? 0;
    expect([count(pass), count()]).toEqual(nodes);
  });
});
