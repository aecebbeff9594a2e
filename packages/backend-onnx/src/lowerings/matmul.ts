import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { broadcastShape, denseValue, plainly } from '../graph/lowered';
import type { KernelCall, Kernels } from './kernel';

/** What the last two axes of a product's factors stand for. */
interface Transposes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** A product of matrices or of batches of them; ONNX Runtime's own operator reads a factor transposed for free. */
export function multiplyMatrices(
  builder: GraphBuilder,
  a: Value,
  b: Value,
  { transposeA, transposeB }: Transposes,
): Value {
  const shape = productShape(a.shape, b.shape, { transposeA, transposeB });
  const produces = { dtype: a.dtype, shape };
  if (!transposeA && !transposeB) return builder.op('MatMul', [a, b], produces);
  if (builder.contrib) {
    return builder.contribOp('FusedMatMul', [a, b], produces, {
      transA: Number(transposeA),
      transB: Number(transposeB),
    });
  }
  return builder.op('MatMul', [transposeA ? swapped(builder, a) : a, transposeB ? swapped(builder, b) : b], produces);
}

function productShape(
  a: readonly number[],
  b: readonly number[],
  { transposeA, transposeB }: Transposes,
): readonly number[] {
  const rows = a.at(transposeA ? -1 : -2) ?? 1;
  const columns = b.at(transposeB ? -2 : -1) ?? 1;
  return [...broadcastShape([a.slice(0, -2), b.slice(0, -2)]), rows, columns];
}

function swapped(builder: GraphBuilder, matrix: Value): Value {
  const { dtype, shape } = matrix;
  const perm = shape.map((_, axis) => axis);
  perm.push(...perm.splice(-2).reverse());
  return builder.op('Transpose', [matrix], { dtype, shape: perm.map((axis) => shape[axis] ?? 1) }, { perm });
}

function transposes(call: KernelCall): Transposes {
  return { transposeA: call.flag('transposeA'), transposeB: call.flag('transposeB') };
}

/** Matrix products. */
export const matmulKernels: Kernels = {
  BatchMatMul: {
    infer: (call) => [
      {
        dtype: call.input('a').dtype,
        shape: productShape(call.input('a').shape, call.input('b').shape, transposes(call)),
      },
    ],
    lower: (call) => {
      const a = denseValue(call.builder, call.input('a'));
      const b = denseValue(call.builder, call.input('b'));
      return [plainly(multiplyMatrices(call.builder, a, b, transposes(call)), call.output)];
    },
  },
};
