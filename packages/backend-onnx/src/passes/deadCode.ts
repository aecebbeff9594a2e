import type { Graph, Value } from '../graph/graph';

/** Drops nodes whose results nobody reads. */
export function deadCode(graph: Graph): Graph {
  const live = new Set<Value>(Object.values(graph.outputs));
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => live.has(output))) return false;
    for (const input of node.inputs) if (input) live.add(input);
    return true;
  });
  return { ...graph, nodes: nodes.toReversed() };
}
