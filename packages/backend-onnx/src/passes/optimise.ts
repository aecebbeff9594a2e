import type { Graph } from '../graph/graph';
import { blockedImages } from './blockedImages';
import { columnSums } from './columnSums';
import { commonSubexpressions } from './commonSubexpressions';
import { deadCode } from './deadCode';
import { distinctOutputs } from './distinctOutputs';
import { interlockedSums } from './interlockedSums';
import { jointProducts } from './jointProducts';
import { layerNormalization } from './layerNormalization';
import { normalDistribution } from './normalDistribution';
import { withOrigins } from './origins';
import type { Pass, Target } from './pass';
import { pointwiseConvolutions } from './pointwiseConvolutions';
import { productScales } from './productScales';
import { productSums } from './productSums';
import { reluGradients } from './reluGradients';
import { scaleAndShift } from './scaleAndShift';
import { simplify } from './simplify';
import { sumsOfSquares } from './sumsOfSquares';

/** The passes in the order in which they run; a line here is all that a new one needs. */
export const passes = [
  deadCode,
  simplify,
  commonSubexpressions,
  reluGradients,
  layerNormalization,
  normalDistribution,
  jointProducts,
  columnSums,
  productSums,
  productScales,
  deadCode,
  interlockedSums,
  scaleAndShift,
  sumsOfSquares,
  blockedImages,
  pointwiseConvolutions,
  commonSubexpressions,
  deadCode,
] as const;

/** Which passes run, what for (default: no order of images but the graph's), and who watches. */
export interface OptimiseOptions extends Partial<Target> {
  /** Names of passes to leave out (default none). */ readonly without?: readonly string[];
  /** Whether to leave out what makes operators of ONNX Runtime's CPU provider (default no). */ readonly portable?: boolean;
  /** Called after each pass with what it made of the graph. */
  readonly onPass?: (pass: ListedPass, graph: Graph, milliseconds: number) => void;
}

type ListedPass = (typeof passes)[number];

/** The same computation in fewer and cheaper operators of ONNX Runtime. */
export function optimise(graph: Graph, options: OptimiseOptions = {}): Graph {
  return distinctOutputs(applied(options.portable ? portablePasses() : passes, graph, options));
}

/** The same computation in fewer operators, for any runtime. */
export function optimisePortably(graph: Graph): Graph {
  return applied(portablePasses(), graph, {});
}

function portablePasses(): readonly ListedPass[] {
  return passes.filter((pass: Pass) => pass.portable === true);
}

function applied(
  list: readonly ListedPass[],
  graph: Graph,
  { without = [], onPass, imageBlock = 1 }: OptimiseOptions,
): Graph {
  let current = graph;
  for (const pass of list) {
    if (without.includes(pass.name)) continue;
    const started = performance.now();
    current = withOrigins(pass.run(current, { imageBlock }), current);
    onPass?.(pass, current, performance.now() - started);
  }
  return current;
}
