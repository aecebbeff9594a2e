import type { Graph, GraphNode } from '../graph/graph';
import { type Cost, nodeCost } from './cost';
import { peakBytes } from './memory';

/** What the nodes of one operator come to. */
export interface OperatorSummary extends Cost {
  readonly nodes: number;
}

/** A graph in figures; costs are estimates. */
export interface GraphSummary extends OperatorSummary {
  /** By name, those with most nodes first. */ readonly operators: Readonly<Record<string, OperatorSummary>>;
  /** Most bytes of results that are needed at once; inputs and constants come on top. */ readonly peakBytes: number;
}

const nothing: OperatorSummary = { nodes: 0, flops: 0, read: 0, written: 0 };

/** Counts a graph's nodes and adds their costs up. */
export function summarise(graph: Graph): GraphSummary {
  const operators = new Map<string, OperatorSummary>();
  for (const node of graph.nodes) {
    const name = operatorName(node);
    operators.set(name, added(operators.get(name) ?? nothing, { nodes: 1, ...nodeCost(node) }));
  }
  const sorted = [...operators].toSorted(([, a], [, b]) => b.nodes - a.nodes);
  const whole = [...operators.values()].reduce(added, nothing);
  return { ...whole, operators: Object.fromEntries(sorted), peakBytes: peakBytes(graph) };
}

/** `Conv`, or `nchwc.Conv` for the operator of that name on blocked images. */
export function operatorName({ op, domain }: GraphNode): string {
  const [, order] = /^com\.microsoft\.(\w+)$/.exec(domain ?? '') ?? [];
  return order === undefined ? op : `${order}.${op}`;
}

function added(a: OperatorSummary, b: OperatorSummary): OperatorSummary {
  return { nodes: a.nodes + b.nodes, flops: a.flops + b.flops, read: a.read + b.read, written: a.written + b.written };
}
