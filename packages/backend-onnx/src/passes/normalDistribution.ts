import { sameShape } from '../graph/builder';
import { type Graph, numberOf, producers, rewriteNodes } from '../graph/graph';
import { definePass } from './pass';

/** ½(1 + erf(x)), the normal distribution function of a GELU: `HardSigmoid` is its scale and shift in one pass, since erf stays in [−1, 1]. */
export const normalDistribution = definePass({
  name: 'normalDistribution',
  summary: 'Shifts and scales erf, as GELU does, in one operator.',
  run: shiftedInOne,
});

function shiftedInOne(graph: Graph): Graph {
  const made = producers(graph);
  return rewriteNodes(graph, (node) => {
    const [shifted, half] = node.inputs;
    const sum = shifted && made.get(shifted);
    const [erf, one] = sum?.inputs ?? [];
    const [output] = node.outputs;
    const matches = node.op === 'Mul' && sum?.op === 'Add' && erf && made.get(erf)?.op === 'Erf';
    if (!matches || numberOf(half) !== 0.5 || numberOf(one) !== 1) return [node];
    if (!output || !sameShape(erf.shape, output.shape)) return [node]; // a constant may bring axes of its own
    const attributes = { alpha: { float: 0.5 }, beta: { float: 0.5 } };
    return [{ op: 'HardSigmoid', inputs: [erf], outputs: node.outputs, attributes }];
  });
}
