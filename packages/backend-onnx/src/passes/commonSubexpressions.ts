import { type Graph, type GraphNode, rewriteNodes, type Value } from '../graph/graph';
import { definePass } from './pass';

/** Computes once what is computed twice: the same operator on the same inputs. */
export const commonSubexpressions = definePass({
  name: 'commonSubexpressions',
  summary: 'Computes once what is computed twice.',
  portable: true,
  run: computedOnce,
});

function computedOnce(graph: Graph): Graph {
  const seen = new Map<string, GraphNode>();
  return rewriteNodes(graph, (node, replace) => {
    const key = keyOf(node);
    const earlier = seen.get(key);
    if (!earlier) {
      seen.set(key, node);
      return [node];
    }
    node.outputs.forEach((output, index) => {
      const same = earlier.outputs[index];
      if (same) replace(output, same);
    });
    return [];
  });
}

function keyOf(node: GraphNode): string {
  const inputs = node.inputs.map((input) => (input ? valueKey(input) : '-'));
  return `${node.domain ?? ''} ${node.op} ${node.outputs.length} ${inputs.join(' ')} ${JSON.stringify(node.attributes)}`;
}

/** Small constants are the same when their contents are. */
function valueKey({ id, dtype, shape, constant }: Value): string {
  if (!constant || constant.length > 16) return `${id}`;
  const numbers = [...constant].map((number) => (Object.is(number, -0) ? '-0' : String(number)));
  return `${dtype}[${shape}](${numbers.join()})`;
}
