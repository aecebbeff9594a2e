import { sizeOf } from '@unlabel/core';
import {
  type Graph,
  type GraphNode,
  numberOf,
  producers,
  rewriteNodes,
  useCounts,
  type Value,
  value,
} from '../graph/graph';
import { definePass } from './pass';

/** What a reciprocal standard deviation of rows was computed from. */
interface Deviation {
  readonly x: Value;
  readonly centred: Value;
  readonly epsilon: number;
}

/**
 * (x − μ)/√(σ² + ε) over the last axis and 1/√(σ² + ε), which its gradient needs: one operator instead of seven. A number
 * that is added to the result is the operator's own offset.
 */
export const layerNormalization = definePass({
  name: 'layerNormalization',
  summary: 'Normalises rows in one operator, which also gives the standard deviation that the gradient needs.',
  run: (graph) => withOffsets(normalisedInOne(graph)),
});

function normalisedInOne(graph: Graph): Graph {
  const made = producers(graph);
  const standard = new Map<Value, { readonly centred: Value; readonly value: Value }>();
  return rewriteNodes(graph, (node, replace) => {
    const [output] = node.outputs;
    if (!output) return [node];
    const deviation = node.op === 'Reciprocal' ? deviationOf(node, made) : undefined;
    if (deviation) {
      const normalised = value('float32', deviation.x.shape);
      standard.set(output, { centred: deviation.centred, value: normalised });
      return [normalisation(deviation, normalised, output)];
    }
    const [a, b] = node.op === 'Mul' ? node.inputs : [];
    const known = (b && standard.get(b)) ?? (a && standard.get(a));
    if (!known || (known.centred !== a && known.centred !== b)) return [node];
    replace(output, known.value);
    return [];
  });
}

function normalisation({ x, epsilon }: Deviation, normalised: Value, deviation: Value): GraphNode {
  const extent = x.shape.slice(-1);
  const scale = value('float32', extent, new Float32Array(sizeOf(extent)).fill(1));
  const mean = value('float32', deviation.shape);
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  return { op: 'LayerNormalization', inputs: [x, scale], outputs: [normalised, mean, deviation], attributes };
}

function withOffsets(graph: Graph): Graph {
  const made = producers(graph);
  const uses = useCounts(graph);
  const shifted = new Map<GraphNode, GraphNode>();
  const additions = new Set<GraphNode>();
  for (const node of graph.nodes) {
    const [standard, added] = node.op === 'Add' ? node.inputs : [];
    const normalised = producer(made, standard, 'LayerNormalization');
    const number = numberOf(added);
    if (!standard || !normalised || number === undefined || uses.get(standard) !== 1) continue;
    const extent = standard.shape.slice(-1);
    const offset = value('float32', extent, new Float32Array(sizeOf(extent)).fill(number));
    const outputs = [...node.outputs, ...normalised.outputs.slice(1)];
    shifted.set(normalised, { ...normalised, inputs: [...normalised.inputs.slice(0, 2), offset], outputs });
    additions.add(node);
  }
  const nodes = graph.nodes.filter((node) => !additions.has(node)).map((node) => shifted.get(node) ?? node);
  return { ...graph, nodes };
}

/** What a node computes as 1/√(mean((x − mean(x))²) + ε) over the last axis, if it does. */
function deviationOf(node: GraphNode, made: ReadonlyMap<Value, GraphNode>): Deviation | undefined {
  const root = producer(made, node.inputs[0], 'Sqrt');
  const sum = producer(made, root?.inputs[0], 'Add');
  const variance = producer(made, sum?.inputs[0], 'ReduceMean');
  const squares = producer(made, variance?.inputs[0], 'Mul');
  const [centred, same] = squares?.inputs ?? [];
  const difference = producer(made, centred, 'Sub');
  const [x, subtracted] = difference?.inputs ?? [];
  const mean = producer(made, subtracted, 'ReduceMean');
  const epsilon = sum?.inputs[1]?.constant;
  if (x?.dtype !== 'float32' || !centred || centred !== same || mean?.inputs[0] !== x || !mean || !variance)
    return undefined;
  if (epsilon?.length !== 1 || !alongLastAxis(mean, x) || !alongLastAxis(variance, x)) return undefined;
  return { x, centred, epsilon: Number(epsilon[0]) };
}

function producer(made: ReadonlyMap<Value, GraphNode>, of: Value | undefined, op: string): GraphNode | undefined {
  const node = of && made.get(of);
  return node?.op === op ? node : undefined;
}

function alongLastAxis({ attributes: { axes, keepdims } }: GraphNode, { shape }: Value): boolean {
  return Array.isArray(axes) && axes.length === 1 && axes[0] === shape.length - 1 && keepdims === 1;
}
