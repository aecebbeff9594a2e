import {
  bothLogSumExp,
  gelu,
  type HostTensor,
  hostTensor,
  layerContext,
  layerNorm,
  type NamedTensors,
  randomStream,
  rowLogSumExp,
  selfLogSumExp,
  sizeOf,
  tf,
} from '@unlabel/core';
import type { OpCase } from '@unlabel/testkit';

/** Every fused op, at sizes that fill no workgroup and at some that fill several. */
export function kernelCases(): readonly OpCase[] {
  return [...layerNorms(), ...gelus(), ...selfLogSumExps(), ...pairLogSumExps()];
}

function layerNorms(): OpCase[] {
  const shapes = [
    [1, 1],
    [3, 7],
    [2, 5, 64],
    [130, 65],
    [9, 300],
  ];
  return shapes.map((shape) => {
    const dim = shape.at(-1) ?? 1;
    return {
      name: `layerNorm of [${shape}]`,
      inputs: { x: normal('x', shape), scale: normal('scale', [dim]), offset: normal('offset', [dim]) },
      compute: ({ x = tf.scalar(0), ...variables }) => layerNorm({ dim }).apply(x, contextOf(variables)),
      differentiable: true,
      tolerance: 1e-5,
    };
  });
}

function gelus(): OpCase[] {
  const x = normal('x', [4, 257], 4);
  return [
    {
      name: 'gelu of [1]',
      inputs: { x: normal('x', [1]) },
      compute: ({ x = tf.scalar(0) }) => gelu(x),
      differentiable: true,
    },
    { name: 'gelu from −12 to 12', inputs: { x }, compute: ({ x = tf.scalar(0) }) => gelu(x), differentiable: true },
  ];
}

function selfLogSumExps(): OpCase[] {
  const shapes: [number, number][] = [
    [2, 1],
    [33, 7],
    [70, 128],
    [65, 300],
  ];
  return shapes.map((shape) => ({
    name: `selfLogSumExp of [${shape}]`,
    inputs: { z: normal('z', shape, 2 / Math.sqrt(shape[1])) },
    compute: ({ z = tf.scalar(0) }) => selfLogSumExp(matrix(z)),
    differentiable: true,
    tolerance: 1e-5,
  }));
}

function pairLogSumExps(): OpCase[] {
  const shapes: [number, number, number][] = [
    [1, 1, 3],
    [33, 70, 33],
    [64, 5, 130],
  ];
  return [rowLogSumExp, bothLogSumExp].flatMap((op) =>
    shapes.map(([rows, columns, dim]) => ({
      name: `${op.name} of [${rows},${dim}] and [${columns},${dim}]`,
      inputs: { queries: normal('q', [rows, dim], 3 / Math.sqrt(dim)), keys: normal('k', [columns, dim]) },
      compute: ({ queries = tf.scalar(0), keys = tf.scalar(0) }: NamedTensors) => op(matrix(queries), matrix(keys)),
      differentiable: true,
      tolerance: 1e-5,
    })),
  );
}

function matrix(tensor: tf.Tensor): tf.Tensor2D {
  return tf.reshape(tensor, [tensor.shape[0] ?? 1, -1]);
}

function contextOf(variables: NamedTensors) {
  const unused = () => tf.scalar(0);
  return layerContext(variables, { training: true, random: { normal: unused, uniform: unused } }).context;
}

function normal(name: string, shape: readonly number[], std = 1): HostTensor {
  const stream = randomStream(['kernels', name]);
  return hostTensor(
    Float32Array.from({ length: sizeOf(shape) }, () => std * stream.normal()),
    shape,
  );
}
