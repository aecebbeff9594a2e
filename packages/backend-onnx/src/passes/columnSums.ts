import { sizeOf } from '@unlabel/core';
import { reshaping } from '../graph/builder';
import { type GraphNode, type Value, value } from '../graph/graph';
import { definePass } from './pass';

/** Fewer rows or columns than this are summed as fast either way. */
const worthwhile = 16;

/** Sums over all axes but the last, as gradients of biases and scales are: a row of ones times the matrix takes half the time. */
export const columnSums = definePass({
  name: 'columnSums',
  summary: 'Sums rows as a product with ones, which ONNX Runtime does in half the time of a sum.',
  run: (graph) => {
    const rowsOfOnes = new Map<number, Value>();
    return { ...graph, nodes: graph.nodes.flatMap((node) => asProduct(node, rowsOfOnes) ?? [node]) };
  },
});

function asProduct(node: GraphNode, rowsOfOnes: Map<number, Value>): readonly GraphNode[] | undefined {
  const [x, axes] = node.inputs;
  const [output] = node.outputs;
  if (node.op !== 'ReduceSum' || x?.dtype !== 'float32' || !axes?.constant || !output) return undefined;
  const columns = x.shape.at(-1) ?? 1;
  const rows = sizeOf(x.shape) / columns;
  const reduced = new Set(Array.from(axes.constant, Number));
  const allButLast = x.shape.every((extent, axis) => reduced.has(axis) === axis < x.shape.length - 1 || extent === 1);
  if (!allButLast || reduced.size === 0 || rows < worthwhile || columns < worthwhile) return undefined;
  const ones = rowsOfOnes.get(rows) ?? value('float32', [1, rows], new Float32Array(rows).fill(1));
  rowsOfOnes.set(rows, ones);
  const matrix = x.shape.length === 2 ? x : value('float32', [rows, columns]);
  const sums = output.shape.length === 2 ? output : value('float32', [1, columns]);
  return [
    ...(matrix === x ? [] : [reshaping(x, matrix)]),
    { op: 'MatMul', inputs: [ones, matrix], outputs: [sums], attributes: {} },
    ...(sums === output ? [] : [reshaping(sums, output)]),
  ];
}
