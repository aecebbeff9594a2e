import { type Graph, type GraphNode, type Value, value } from '../graph/graph';

/** ONNX takes neither an input nor a constant for an output, nor one value for two: copies stand in for them. */
export function distinctOutputs(graph: Graph): Graph {
  const taken = new Set<Value>(Object.values(graph.inputs));
  const copies: GraphNode[] = [];
  const outputs = Object.entries(graph.outputs).map(([name, output]) => {
    if (!taken.has(output) && !output.constant) {
      taken.add(output);
      return [name, output] as const;
    }
    const copy = value(output.dtype, output.shape);
    copies.push({ op: 'Identity', inputs: [output], outputs: [copy], attributes: {} });
    return [name, copy] as const;
  });
  return { inputs: graph.inputs, nodes: [...graph.nodes, ...copies], outputs: Object.fromEntries(outputs) };
}
