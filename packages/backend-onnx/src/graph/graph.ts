import type { Site } from '../capture/site';

/** Element types of graph values; `int64` is what ONNX wants for shapes and axes. */
export type GraphDtype = 'float32' | 'int32' | 'int64' | 'bool';

/** ONNX's numbers for them (`TensorProto.DataType`). */
export const dataType = { float32: 1, int32: 6, int64: 7, bool: 9 } as const satisfies Record<GraphDtype, number>;

/** The values of a constant, row-major. */
export type ConstantData = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** One edge of the graph: a tensor that a node, an input or a constant provides. */
export interface Value {
  /** Unique within a process. */ readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: GraphDtype;
  /** Present for constants. */ readonly constant?: ConstantData;
}

/** ONNX attributes: JavaScript integers become INT, lists INTS; floats are wrapped to tell them apart. */
export type AttributeValue = number | readonly number[] | string | { readonly float: number };

/** Where in the step a node comes from. */
export interface Origin {
  /** The tfjs kernel that it helps to compute. */ readonly kernel: string;
  /** Where the step called it, if that was recorded. */ readonly site?: Site;
}

/** ONNX Runtime's own operators, those of its blocked image order, and ours, which passes replace. */
export type OperatorDomain = 'com.microsoft' | 'com.microsoft.nchwc' | 'unlabel';

/** One ONNX operator at work. */
export interface GraphNode {
  readonly op: string;
  /** Standard ONNX unless given. */ readonly domain?: OperatorDomain;
  /** `undefined` leaves an optional input out. */ readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Unknown for what no call of the step asked for. */ readonly origin?: Origin;
}

/** A whole computation; nodes stand in an order in which they can run. */
export interface Graph {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly nodes: readonly GraphNode[];
  readonly outputs: Readonly<Record<string, Value>>;
}

let nextId = 0;

/** A new value. */
export function value(dtype: GraphDtype, shape: readonly number[], constant?: ConstantData): Value {
  const id = nextId++;
  return constant === undefined ? { id, dtype, shape } : { id, dtype, shape, constant };
}

/** The number that a constant of one element holds. */
export function numberOf(value: Value | undefined): number | undefined {
  return value?.constant?.length === 1 ? Number(value.constant[0]) : undefined;
}

/** The node that provides each value; inputs and constants have none. */
export function producers(graph: Graph): ReadonlyMap<Value, GraphNode> {
  const made = new Map<Value, GraphNode>();
  for (const node of graph.nodes) for (const output of node.outputs) made.set(output, node);
  return made;
}

/** How often each value is read, by nodes and as an output of the graph. */
export function useCounts(graph: Graph): ReadonlyMap<Value, number> {
  const counts = new Map<Value, number>();
  const count = (read: Value | undefined) => read && counts.set(read, (counts.get(read) ?? 0) + 1);
  for (const node of graph.nodes) node.inputs.forEach(count);
  Object.values(graph.outputs).forEach(count);
  return counts;
}

/**
 * Rebuilds a graph node by node.
 * @param rewrite given a node whose inputs are already replaced: the nodes to put in its place, and which values stand
 *   for the old ones from here on
 */
export function rewriteNodes(
  graph: Graph,
  rewrite: (node: GraphNode, replace: (old: Value, by: Value) => void) => readonly GraphNode[],
): Graph {
  const replaced = new Map<Value, Value>();
  const resolve = (old: Value): Value => {
    const by = replaced.get(old);
    return by ? resolve(by) : old;
  };
  const replace = (old: Value, by: Value) => void replaced.set(old, by);
  const current = (node: GraphNode) =>
    node.inputs.some((input) => input && replaced.has(input))
      ? { ...node, inputs: node.inputs.map((input) => input && resolve(input)) }
      : node;
  const nodes = graph.nodes.flatMap((node) => rewrite(current(node), replace));
  const outputs = Object.fromEntries(Object.entries(graph.outputs).map(([name, output]) => [name, resolve(output)]));
  return { inputs: graph.inputs, nodes, outputs };
}
