import type { Graph, Pass } from '../graph/graph';
import { commonSubexpressions } from './commonSubexpressions';
import { deadCode } from './deadCode';
import { distinctOutputs } from './distinctOutputs';
import { reluGradients } from './reluGradients';
import { scaleAndShift } from './scaleAndShift';
import { simplify } from './simplify';
import { sumsOfSquares } from './sumsOfSquares';

/** The passes in the order in which they run. */
const passes: readonly Pass[] = [
  deadCode,
  simplify,
  commonSubexpressions,
  reluGradients,
  deadCode,
  scaleAndShift,
  sumsOfSquares,
  commonSubexpressions,
  deadCode,
  distinctOutputs,
];

/** Those that leave standard ONNX alone. */
const portablePasses: readonly Pass[] = [deadCode, simplify, commonSubexpressions, deadCode];

/** The same computation in fewer and cheaper operators of ONNX Runtime. */
export function optimise(graph: Graph): Graph {
  return passes.reduce((current, pass) => pass(current), graph);
}

/** The same computation in fewer operators, for any runtime. */
export function optimisePortably(graph: Graph): Graph {
  return portablePasses.reduce((current, pass) => pass(current), graph);
}
