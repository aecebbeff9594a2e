import type { Step, StepSignature } from '@unlabel/core';
import { recordStep } from '../capture/recordStep';
import type { Graph } from '../graph/graph';
import { type PassName, requirePassNames } from '../passes/passNames';
import { explanationText } from './explanationText';
import { listing } from './listing';
import { type Stage, type Stages, stagesOf } from './stages';
import { type GraphSummary, summarise } from './summary';

/** What to explain, and what to print; with `...await stepTarget(provider)`, what would run on this machine. */
export interface ExplainOptions {
  /** Parts of the compiler to leave out (default none), as in `OnnxOptions`. */ readonly without?: readonly PassName[];
  /** Whether to keep to standard operators, as for most providers other than the CPU's (default no). */ readonly portable?: boolean;
  /**
   * Channels in a block of the order in which ONNX Runtime convolves images: 16 on processors with AVX-512, 8 with AVX2, 1
   * where there is none (default 16, or 1 with `portable`).
   */
  readonly imageBlock?: number;
  /**
   * A graph to print beneath the tables, one line a node: the one before any pass, the one after all, or the one that a
   * pass left when it last ran (default none).
   */
  readonly print?: 'before' | 'after' | PassName;
}

/** What a pass, or a choice of lowering, left. */
export interface PassSummary extends GraphSummary {
  readonly name: PassName;
  /** What it is there for. */ readonly summary: string;
  /** Its own time; choices of lowering take none. */ readonly milliseconds: number;
}

/** How a step becomes a graph. */
export interface Explanation {
  /** Kernel by kernel, with every tensor in full and in tfjs's order. */ readonly before: GraphSummary;
  /** In the order in which they ran; some run more than once. */ readonly passes: readonly PassSummary[];
  /** As ONNX Runtime gets it. */ readonly after: GraphSummary;
  /** Milliseconds of start-up; ONNX Runtime's own come on top. */ readonly milliseconds: {
    readonly record: number;
    readonly lower: number;
    readonly passes: number;
    readonly write: number;
  };
  /** Bytes of the ONNX model. */ readonly modelBytes: number;
  /** Tables for people, and the graph that was asked for. */ readonly text: string;
  /** The text. */ toString(): string;
}

/**
 * Compiles a step without running it, and says what each part of the compiler made of it: nodes, estimated operations
 * and traffic. To read it: `console.log(explain(step, signature).text)`.
 * @throws UnlabelError `UNKNOWN_NAME` for a pass that does not exist, and what capturing throws: `CAPTURE_VALUE_READ`,
 * `CAPTURE_UNSUPPORTED_OP`, `CAPTURE_UNDECLARED_TENSOR`
 */
export function explain(step: Step, signature: StepSignature, options: ExplainOptions = {}): Explanation {
  const { without = [], portable = false, imageBlock = portable ? 1 : 16, print } = options;
  requirePassNames(print === undefined || print === 'before' || print === 'after' ? without : [...without, print]);
  const started = performance.now();
  const recording = recordStep(step, signature, { sites: print !== undefined });
  const record = performance.now() - started;
  const { before, stages, after, modelBytes, milliseconds } = stagesOf(recording, { without, portable, imageBlock });
  const explanation = {
    before: summarise(before),
    passes: stages.map(summaryOf),
    after: summarise(after),
    milliseconds: { record, ...milliseconds },
    modelBytes,
  };
  const graph = print && printed(print, { before, stages, after });
  const text = [explanationText(explanation), ...(graph ? [listing(graph)] : [])].join('\n\n');
  return { ...explanation, text, toString: () => text };
}

function summaryOf({ name, summary, graph, milliseconds }: Stage): PassSummary {
  return { name, summary, milliseconds, ...summarise(graph) };
}

/** The graph of that name; nothing for a pass that was left out. */
function printed(
  print: 'before' | 'after' | PassName,
  { before, stages, after }: Pick<Stages, 'before' | 'stages' | 'after'>,
): Graph | undefined {
  if (print === 'before') return before;
  return print === 'after' ? after : stages.findLast(({ name }) => name === print)?.graph;
}
