import { sameShape } from '../graph/builder';
import { type Graph, numberOf, producers, rewriteNodes, type Value } from '../graph/graph';
import { definePass } from './pass';

/** Steep enough that any positive normal number saturates. */
const steepest = { float: 3.4e38 } as const;

/**
 * The mask of a ReLU's gradient, `Cast(Greater(x, 0))`, in one pass over memory: `HardSigmoid` with an endless slope.
 * It reads the ReLU's output in place of its input, where there is one, so that the input need not be kept.
 */
export const reluGradients = definePass({
  name: 'reluGradients',
  summary: "Computes the mask of a ReLU's gradient in one operator, from the ReLU's output.",
  run: maskedByOutputs,
});

function maskedByOutputs(graph: Graph): Graph {
  const made = producers(graph);
  const reluOf = new Map<Value, Value>(); // of those that stand before the mask
  return rewriteNodes(graph, (node) => {
    const [input] = node.inputs;
    const [output] = node.outputs;
    if (node.op === 'Relu' && input && output) reluOf.set(input, output);
    const compared = input && made.get(input);
    if (node.op !== 'Cast' || output?.dtype !== 'float32' || compared?.op !== 'Greater') return [node];
    const [x, zero] = compared.inputs;
    if (x?.dtype !== 'float32' || !sameShape(x.shape, output.shape) || numberOf(zero) !== 0) return [node];
    const attributes = { alpha: steepest, beta: { float: 0 } };
    return [{ op: 'HardSigmoid', inputs: [reluOf.get(x) ?? x], outputs: node.outputs, attributes }];
  });
}
