import type { Graph } from '../graph/graph';

/** What the graph will run on. */
export interface Target {
  /** Channels in a block of ONNX Runtime's own image order, 1 where it has no operators for it. */
  readonly imageBlock: number;
}

/** One idea that makes a graph cheaper: the same outputs from the same inputs, in fewer or faster operators. */
export interface Pass<Name extends string = string> {
  /** That of its file and export; `without` and tables use it. */ readonly name: Name;
  /** What it does, as a sentence for tables. */ readonly summary: string;
  /** Whether files for other runtimes go through it, too (default no): it leaves standard operators alone. */
  readonly portable?: boolean;
  readonly run: (graph: Graph, target: Target) => Graph;
}

/** A pass, its name kept as a type. */
export function definePass<const Name extends string>(pass: Pass<Name>): Pass<Name> {
  return pass;
}
