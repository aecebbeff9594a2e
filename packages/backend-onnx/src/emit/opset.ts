import { UnlabelError } from '@unlabel/core';
import { integers } from '../graph/builder';
import type { Graph, GraphNode } from '../graph/graph';

/** The operator sets that files are written in, and the version of the file format that came with each. */
const irVersions: ReadonlyMap<number, number> = new Map([
  [17, 8],
  [18, 8],
  [19, 9],
  [20, 9],
  [21, 10],
]);

/** ONNX 1.12's operators, in whose form graphs are built: what all runtimes have long agreed on. */
export const defaultOpset = 17;

/** The version of the file format for an operator set. @throws UnlabelError `INVALID_OPTION` */
export function irVersionOf(opset: number): number {
  const version = irVersions.get(opset);
  if (version !== undefined) return version;
  const known = [...irVersions.keys()];
  throw new UnlabelError('INVALID_OPTION', `opset is ${opset}.`, {
    fix: `Give a whole number from ${known[0]} to ${known.at(-1)}; ${defaultOpset} is read by most runtimes.`,
  });
}

/** The same graph with each operator in the form that it has in `opset`: of those in use, reductions alone have changed. */
export function inOpset(graph: Graph, opset: number): Graph {
  return opset < 18 ? graph : { ...graph, nodes: graph.nodes.map(withAxesAsInput) };
}

/** Reductions that had their axes as an attribute up to opset 17; ReduceSum had them as an input before. */
const reductions = new Set([
  'ReduceL1',
  'ReduceL2',
  'ReduceLogSum',
  'ReduceLogSumExp',
  'ReduceMax',
  'ReduceMean',
  'ReduceMin',
  'ReduceProd',
  'ReduceSumSquare',
]);

function withAxesAsInput(node: GraphNode): GraphNode {
  const { axes, ...attributes } = node.attributes;
  if (node.domain || !reductions.has(node.op) || typeof axes !== 'object' || 'float' in axes) return node;
  return { ...node, inputs: [...node.inputs, integers(axes)], attributes };
}
