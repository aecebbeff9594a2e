import type { Graph, Pass } from '../graph/graph';
import { commonSubexpressions } from './commonSubexpressions';
import { deadCode } from './deadCode';
import { distinctOutputs } from './distinctOutputs';
import { reluGradients } from './reluGradients';
import { scaleAndShift } from './scaleAndShift';
import { simplify } from './simplify';

/** The passes in the order in which they run. */
const passes: readonly Pass[] = [
  deadCode,
  simplify,
  commonSubexpressions,
  reluGradients,
  deadCode,
  scaleAndShift,
  commonSubexpressions,
  deadCode,
  distinctOutputs,
];

/** The same computation in fewer and cheaper operators. */
export function optimise(graph: Graph): Graph {
  return passes.reduce((current, pass) => pass(current), graph);
}
