import { type Graph, type GraphNode, useCounts, type Value } from '../graph/graph';
import { byteSize, isView } from './cost';

/** The most bytes that intermediate and final results take while the nodes run in their order. */
export function peakBytes(graph: Graph): number {
  const owners = ownersOf(graph.nodes);
  const readsLeft = new Map<Value, number>();
  for (const [value, count] of useCounts(graph)) {
    const owner = owners.get(value);
    if (owner) readsLeft.set(owner, (readsLeft.get(owner) ?? 0) + count);
  }
  let live = 0;
  let peak = 0;
  for (const { inputs, outputs } of graph.nodes) {
    live += bytesOf(outputs.filter((output) => owners.get(output) === output));
    peak = Math.max(peak, live);
    for (const input of inputs) {
      const owner = input && owners.get(input);
      if (owner) readsLeft.set(owner, (readsLeft.get(owner) ?? 0) - 1);
    }
    const touched = new Set([...inputs, ...outputs].map((value) => value && owners.get(value)));
    live -= bytesOf([...touched].filter((owner) => owner !== undefined && (readsLeft.get(owner) ?? 0) === 0));
  }
  return peak;
}

function bytesOf(values: readonly (Value | undefined)[]): number {
  return values.reduce((sum, value) => sum + (value ? byteSize(value) : 0), 0);
}

/** The value in whose memory each result lies: its own, or what a view looks at. Inputs and constants have none. */
function ownersOf(nodes: readonly GraphNode[]): ReadonlyMap<Value, Value> {
  const owners = new Map<Value, Value>();
  for (const node of nodes) {
    const [input] = node.inputs;
    for (const output of node.outputs) {
      const owner = isView(node) ? input && owners.get(input) : output;
      if (owner) owners.set(output, owner);
    }
  }
  return owners;
}
