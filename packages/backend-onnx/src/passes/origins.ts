import { type Graph, type GraphNode, type Origin, producers, type Value } from '../graph/graph';

/**
 * Says of nodes that a pass made which call of the step they stem from, so that passes need not: the one whose result
 * they give now, or else the one of their reader.
 */
export function withOrigins(graph: Graph, before: Graph): Graph {
  if (graph.nodes.every((node) => node.origin)) return graph;
  const made = producers(before);
  const readers = new Map<Value, Origin>();
  const nodes = graph.nodes.toReversed().map((node) => {
    const origin = node.origin ?? originOf(node, (output) => made.get(output)?.origin ?? readers.get(output));
    if (!origin) return node;
    for (const input of node.inputs) if (input) readers.set(input, origin);
    return node.origin ? node : { ...node, origin };
  });
  return { ...graph, nodes: nodes.toReversed() };
}

function originOf(node: GraphNode, find: (output: Value) => Origin | undefined): Origin | undefined {
  return node.outputs.map(find).find((origin) => origin !== undefined);
}
