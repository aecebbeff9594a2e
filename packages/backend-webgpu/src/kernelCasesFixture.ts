import {
  gelu,
  type HostTensor,
  hostTensor,
  layerContext,
  layerNorm,
  type NamedTensors,
  randomStream,
  sizeOf,
  tf,
} from '@unlabel/core';
import type { OpCase } from '@unlabel/testkit';

/** Every fused op, at sizes that fill no workgroup and at some that fill several. */
export function kernelCases(): readonly OpCase[] {
  return [...layerNorms(), ...gelus()];
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
  const wide = normal('x', [4, 257]);
  const x = { ...wide, data: wide.data.map((value) => value * 4) };
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

function contextOf(variables: NamedTensors) {
  const unused = () => tf.scalar(0);
  return layerContext(variables, { training: true, random: { normal: unused, uniform: unused } }).context;
}

function normal(name: string, shape: readonly number[]): HostTensor {
  const stream = randomStream(['kernels', name]);
  return hostTensor(Float32Array.from({ length: sizeOf(shape) }, stream.normal), shape);
}
