import { type Graph, producers, rewriteNodes } from '../graph/graph';
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
    const matches = node.op === 'Mul' && sum?.op === 'Add' && erf && made.get(erf)?.op === 'Erf';
    if (!matches || !isNumber(half?.constant, 0.5) || !isNumber(one?.constant, 1)) return [node];
    const attributes = { alpha: { float: 0.5 }, beta: { float: 0.5 } };
    return [{ op: 'HardSigmoid', inputs: [erf], outputs: node.outputs, attributes }];
  });
}

function isNumber(constant: ArrayLike<number | bigint> | undefined, number: number): boolean {
  return constant?.length === 1 && Number(constant[0]) === number;
}
