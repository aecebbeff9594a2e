import { sizeOf } from '@unlabel/core';
import { floatConstant } from '../graph/builder';
import { type Graph, type GraphNode, producers, useCounts, type Value, value } from '../graph/graph';
import { definePass } from './pass';

/** Sums and means of squares, without the squares in memory: variances and norms. */
export const sumsOfSquares = definePass({
  name: 'sumsOfSquares',
  summary: 'Sums squares without writing the squares to memory.',
  run: summedWithoutSquares,
});

function summedWithoutSquares(graph: Graph): Graph {
  const made = producers(graph);
  const uses = useCounts(graph);
  const nodes = graph.nodes.flatMap((node) => {
    const [squares] = node.inputs;
    const product = squares && uses.get(squares) === 1 ? made.get(squares) : undefined;
    const [x, same] = product?.inputs ?? [];
    const reduces = node.op === 'ReduceMean' || node.op === 'ReduceSum';
    if (!reduces || product?.op !== 'Mul' || x?.dtype !== 'float32' || x !== same) return [node];
    return sumOfSquares(node, x);
  });
  return { ...graph, nodes };
}

function sumOfSquares(node: GraphNode, x: Value): readonly GraphNode[] {
  const [output] = node.outputs;
  const axes = axesOf(node);
  if (!output || !axes) return [node];
  const { keepdims = 1 } = node.attributes;
  const sum: GraphNode = { op: 'ReduceSumSquare', inputs: [x], outputs: [output], attributes: { axes, keepdims } };
  if (node.op === 'ReduceSum') return [sum];
  const total = value('float32', output.shape);
  const share = floatConstant(1 / sizeOf(axes.map((axis) => x.shape[axis] ?? 1)));
  return [
    { ...sum, outputs: [total] },
    { op: 'Mul', inputs: [total, share], outputs: [output], attributes: {} },
  ];
}

/** The reduced axes: an input of ReduceSum, an attribute of the others. */
function axesOf({ inputs: [, given], attributes: { axes } }: GraphNode): readonly number[] | undefined {
  if (given?.constant) return Array.from(given.constant, Number);
  return typeof axes === 'object' && !('float' in axes) ? axes : undefined;
}
