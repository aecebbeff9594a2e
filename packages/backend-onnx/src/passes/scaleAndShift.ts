import { sizeOf } from '@unlabel/core';
import { graphBuilder, integers, reshape, sameShape } from '../graph/builder';
import { type Graph, type GraphNode, producers, useCounts, type Value, value } from '../graph/graph';
import { batchLast } from '../graph/imageOrder';
import { definePass } from './pass';

/** Rows shorter than this are in cache anyway. */
const longRow = 256;

/** A sum that one operator can compute: scale·x + shift + rest, and perhaps max(·, 0) of it. */
interface ScaledSum {
  readonly x: Value;
  /** One number a channel, which is the first axis. */ readonly scale: Value;
  readonly shift: Value | undefined;
  readonly rest: Value | undefined;
  /** A second scaled tensor, in place of `rest`. */ readonly second:
    | { readonly x: Value; readonly scale: Value }
    | undefined;
}

/**
 * Batch norm is scale·x + shift with numbers for each channel, its gradient a·dy + b·x + c: three to five passes over
 * large tensors. ONNX Runtime computes each in one or two, as a 1-wide convolution of every channel by itself, which
 * takes a bias, another addend and a ReLU along.
 */
export const scaleAndShift = definePass({
  name: 'scaleAndShift',
  summary: 'Computes scale·x + shift of every channel, as in batch norm, in one operator with addend and ReLU.',
  run: fusedSums,
});

function fusedSums(graph: Graph): Graph {
  const made = producers(graph);
  const uses = useCounts(graph);
  const relus = new Map(graph.nodes.filter(({ op }) => op === 'Relu').map((node) => [node.inputs[0], node]));
  const consumed = new Set<GraphNode>();
  const fused = new Map<GraphNode, readonly GraphNode[]>();
  for (const node of graph.nodes.toReversed()) {
    const [sum] = node.outputs;
    if (node.op !== 'Add' || consumed.has(node) || !sum) continue;
    const terms = termsOf(sum, node, made, uses);
    const scaled = scaledSum(sum, terms.leaves, made, uses);
    if (!scaled) continue;
    const relu = uses.get(sum) === 1 ? relus.get(sum) : undefined;
    for (const inner of terms.nodes) consumed.add(inner);
    if (relu) consumed.add(relu);
    const output = relu?.outputs[0] ?? sum;
    fused.set(relu ?? node, asConvolution(scaled, output, relu !== undefined));
  }
  const nodes = graph.nodes.flatMap((node) => fused.get(node) ?? (consumed.has(node) ? [] : [node]));
  return { ...graph, nodes };
}

/** What a tree of additions adds up, looking through those whose result nobody else reads. */
function termsOf(
  sum: Value,
  node: GraphNode,
  made: ReadonlyMap<Value, GraphNode>,
  uses: ReadonlyMap<Value, number>,
): { readonly leaves: readonly Value[]; readonly nodes: readonly GraphNode[] } {
  const parts = node.inputs.map((input) => {
    const inner = input && made.get(input);
    const within = inner?.op === 'Add' && uses.get(input ?? sum) === 1 && sameShape(input?.shape ?? [], sum.shape);
    return within && input ? termsOf(input, inner, made, uses) : { leaves: input ? [input] : [], nodes: [] };
  });
  return { leaves: parts.flatMap(({ leaves }) => leaves), nodes: [node, ...parts.flatMap(({ nodes }) => nodes)] };
}

/** The terms as scale·x + shift + rest, if there are no more. */
function scaledSum(
  sum: Value,
  terms: readonly Value[],
  made: ReadonlyMap<Value, GraphNode>,
  uses: ReadonlyMap<Value, number>,
): ScaledSum | undefined {
  const [channels = 1, ...extents] = sum.shape;
  if (sum.dtype !== 'float32' || channels === 1 || sizeOf(extents) < longRow) return undefined;
  const products = terms.flatMap((term) => (uses.get(term) === 1 ? (productOf(term, made, sum.shape) ?? []) : []));
  const [first, second, ...more] = products;
  const shifts = terms.filter((term) => isPerChannel(term, sum.shape));
  const rests = terms.filter(
    (term) => sameShape(term.shape, sum.shape) && !products.some(({ term: own }) => own === term),
  );
  const counted = products.length + shifts.length + rests.length === terms.length;
  if (!first || more.length > 0 || !counted || shifts.length > 1 || rests.length + (second ? 1 : 0) > 1)
    return undefined;
  return { x: first.x, scale: first.scale, shift: shifts[0], rest: rests[0], second };
}

function productOf(term: Value, made: ReadonlyMap<Value, GraphNode>, shape: readonly number[]) {
  const node = made.get(term);
  const [a, b] = node?.inputs ?? [];
  if (node?.op !== 'Mul' || !a || !b) return undefined;
  if (isPerChannel(b, shape) && sameShape(a.shape, shape)) return { term, x: a, scale: b };
  return isPerChannel(a, shape) && sameShape(b.shape, shape) ? { term, x: b, scale: a } : undefined;
}

/** Whether a value holds one number for each extent of the first axis of `shape`. */
function isPerChannel(value: Value, shape: readonly number[]): boolean {
  return value.shape.length === shape.length && value.shape[0] === shape[0] && sizeOf(value.shape) === shape[0];
}

/** The operator, on `[1, channels, everything else]`. The products that it replaces become dead code. */
function asConvolution(sum: ScaledSum, output: Value, relu: boolean): readonly GraphNode[] {
  const builder = graphBuilder({ contrib: true, images: batchLast });
  const [channels = 1, ...extents] = output.shape;
  const rows = [1, channels, sizeOf(extents)];
  const flat = (tensor: Value) => reshape(builder, tensor, rows);
  const weights = (scale: Value) => reshape(builder, scale, [channels, 1, 1]);
  const attributes = { group: channels, kernel_shape: [1] };
  const produces = { dtype: 'float32', shape: rows } as const;
  const { x, scale, shift, second } = sum;
  const rest = second
    ? builder.op('Conv', [flat(second.x), weights(second.scale)], produces, attributes)
    : sum.rest && flat(sum.rest);
  const bias = shift ? reshape(builder, shift, [channels]) : value('float32', [channels], new Float32Array(channels));
  const inputs = [flat(x), weights(scale), bias, ...(rest ? [rest] : [])];
  const result = builder.contribOp(
    'FusedConv',
    inputs,
    produces,
    relu ? { ...attributes, activation: 'Relu' } : attributes,
  );
  const back = builder.op('Reshape', [result, integers(output.shape)], output);
  return builder.nodes.map((node) => (node.outputs[0] === back ? { ...node, outputs: [output] } : node));
}
