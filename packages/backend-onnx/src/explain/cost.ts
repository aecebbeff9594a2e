import { sizeOf } from '@unlabel/core';
import type { GraphDtype, GraphNode, Value } from '../graph/graph';

/** An estimate of what a node takes: its arithmetic, and its traffic if nothing stayed in cache. */
export interface Cost {
  /** Additions, multiplications, comparisons; a function such as exp counts as one. */ readonly flops: number;
  /** Bytes read. */ readonly read: number;
  /** Bytes written. */ readonly written: number;
}

const bytesPerElement = { float32: 4, int32: 4, int64: 8, bool: 1 } as const satisfies Record<GraphDtype, number>;

/** Bytes that a value takes. */
export function byteSize({ dtype, shape }: Value): number {
  return bytesPerElement[dtype] * sizeOf(shape);
}

/** Operators that give the memory of their first input another shape. */
const views = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** Whether a node only looks at its first input in another way: it neither reads nor writes. */
export function isView({ op }: GraphNode): boolean {
  return views.has(op);
}

/** The cost of a node. */
export function nodeCost(node: GraphNode): Cost {
  if (isView(node)) return { flops: 0, read: 0, written: 0 };
  const written = total(node.outputs.map(byteSize));
  const inputs = new Set(node.inputs.filter((input) => input !== undefined));
  const read = parts.has(node.op) ? written : total([...inputs].map(byteSize));
  return { flops: flopsOf(node), read, written };
}

/** Operators that read no more of their first input than they write. */
const parts = new Set(['Slice', 'Split', 'Gather', 'GatherElements', 'GatherND']);

/** Operators that move elements about and compute nothing. */
const moves = new Set([
  ...parts,
  ...['Cast', 'Concat', 'Expand', 'Identity', 'OneHot', 'Pad', 'Range', 'Shape', 'Tile', 'Transpose', 'Where'],
  ...['ReorderInput', 'ReorderOutput'],
]);

/** Operations for each element of the first input. */
const perInput: Readonly<Record<string, number>> = {
  Softmax: 5, // maximum, difference, exp, sum, quotient
  LogSoftmax: 5,
  LayerNormalization: 8, // mean, variance, and the four operations of (x − μ)·r·γ + β
  BatchNormalization: 4,
  TopK: 5,
};

function flopsOf(node: GraphNode): number {
  const { op, inputs, outputs, attributes } = node;
  const [result, first] = [elements(outputs[0]), elements(inputs[0])];
  if (moves.has(op)) return 0;
  if (/MatMul|Gemm/.test(op)) return 2 * result * sharedExtent(node);
  if (op === 'FilterGradient') return (2 * result * elements(inputs[1])) / (outputs[0]?.shape.at(-1) ?? 1);
  if (op === 'ConvTranspose') return 2 * first * reach(inputs[1]);
  if (/Conv/.test(op)) return 2 * result * reach(inputs[1]);
  if (/Pool/.test(op)) return result * extentOf(attributes.kernel_shape, inputs[0]);
  if (/^(Reduce|Arg|CumSum)/.test(op)) return first;
  if (/^Scatter/.test(op)) return elements(inputs[2]);
  return (perInput[op] ?? 0) * first || result;
}

/** The extent that two matrices share: what each element of their product sums over. */
function sharedExtent({ inputs: [a], attributes: { transA = 0 } }: GraphNode): number {
  return a?.shape.at(transA === 1 ? -2 : -1) ?? 1;
}

/** How many weights of a filter meet one element: all but the first axis, `[outputChannels, …]`. */
function reach(filter: Value | undefined): number {
  return sizeOf(filter?.shape.slice(1) ?? []);
}

/** Pixels in a window; the whole image for global poolings, which have no attribute. */
function extentOf(kernel: GraphNode['attributes'][string] | undefined, images: Value | undefined): number {
  const extents = typeof kernel === 'object' && !('float' in kernel) ? kernel : images?.shape.slice(2);
  return sizeOf(extents ?? []);
}

function elements(value: Value | undefined): number {
  return value ? sizeOf(value.shape) : 0;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
