import type { Value } from '../graph/graph';
import { definePass } from './pass';

/** Drops nodes whose results nobody reads. */
export const deadCode = definePass({
  name: 'deadCode',
  summary: 'Drops nodes whose results nobody reads.',
  portable: true,
  run: (graph) => {
    const live = new Set<Value>(Object.values(graph.outputs));
    const nodes = graph.nodes.toReversed().filter((node) => {
      if (!node.outputs.some((output) => live.has(output))) return false;
      for (const input of node.inputs) if (input) live.add(input);
      return true;
    });
    return { ...graph, nodes: nodes.toReversed() };
  },
});
