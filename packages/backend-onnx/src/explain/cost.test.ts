import { expect, test } from 'vitest';
import { type GraphNode, type Value, value } from '../graph/graph';
import { nodeCost } from './cost';

const floats = (...shape: number[]) => value('float32', shape);

function node(
  op: string,
  inputs: readonly Value[],
  output: Value,
  attributes: GraphNode['attributes'] = {},
): GraphNode {
  return { op, inputs, outputs: [output], attributes };
}

test('a product of matrices is a multiplication and an addition for each element of the shared axis', () => {
  const product = node('MatMul', [floats(8, 3, 5), floats(5, 7)], floats(8, 3, 7));
  expect(nodeCost(product)).toEqual({ flops: 2 * 8 * 3 * 7 * 5, read: 4 * (120 + 35), written: 4 * 168 });
  const transposed = node('FusedMatMul', [floats(5, 3), floats(5, 7)], floats(3, 7), { transA: 1, transB: 0 });
  expect(nodeCost(transposed).flops).toBe(2 * 3 * 7 * 5);
});

test('a convolution meets each output with the weights of its channel', () => {
  const images = floats(2, 3, 8, 8);
  expect(nodeCost(node('Conv', [images, floats(4, 3, 3, 3)], floats(2, 4, 8, 8))).flops).toBe(2 * 512 * 27);
  const depthwise = node('FusedConv', [images, floats(3, 1, 3, 3), floats(3)], floats(2, 3, 8, 8));
  expect(nodeCost(depthwise).flops).toBe(2 * 384 * 9);
  expect(nodeCost(node('ConvTranspose', [images, floats(3, 4, 2, 2)], floats(2, 4, 16, 16))).flops).toBe(2 * 384 * 16);
});

test('a view costs nothing, a copy only traffic, a part no more than itself', () => {
  const [x, shape] = [floats(4, 6), value('int64', [1], BigInt64Array.of(24n))];
  expect(nodeCost(node('Reshape', [x, shape], floats(24)))).toEqual({ flops: 0, read: 0, written: 0 });
  expect(nodeCost(node('Transpose', [x], floats(6, 4)))).toEqual({ flops: 0, read: 96, written: 96 });
  expect(nodeCost(node('Slice', [x], floats(1, 6)))).toEqual({ flops: 0, read: 24, written: 24 });
});

test('a tensor that comes twice is read once', () => {
  const x = floats(10);
  expect(nodeCost(node('Mul', [x, x], floats(10)))).toEqual({ flops: 10, read: 40, written: 40 });
});

test('reductions touch each element, poolings each pixel of each window', () => {
  expect(nodeCost(node('ReduceSum', [floats(4, 6)], floats(4, 1))).flops).toBe(24);
  const pooling = node('AveragePool', [floats(1, 2, 4, 4)], floats(1, 2, 2, 2), { kernel_shape: [2, 2] });
  expect(nodeCost(pooling).flops).toBe(8 * 4);
  expect(nodeCost(node('GlobalAveragePool', [floats(1, 2, 4, 4)], floats(1, 2, 1, 1))).flops).toBe(32);
});
