import {
  type Graph,
  type GraphNode,
  numberOf,
  producers,
  rewriteNodes,
  useCounts,
  type Value,
  value,
} from '../graph/graph';
import { definePass } from './pass';

/**
 * A kernel that is split for its products, as that of queries, keys and values is, has gradients AᵀB₁ | AᵀB₂, and what
 * it is multiplied by has B₁W₁ᵀ + B₂W₂ᵀ. As Aᵀ(B₁ | B₂) and (B₁ | B₂)(W₁ | W₂)ᵀ both take one product and read the
 * same copy B₁ | B₂, which costs less than transposing A for each part and adding up. Other products stay as they are:
 * forwards, parting the kernel costs less than parting the result.
 */
export const jointProducts = definePass({
  name: 'jointProducts',
  summary: 'Takes the gradients of a split kernel, and of what it is multiplied by, in one product each.',
  run: multipliedAtOnce,
});

/** A product BWᵀ whose W is columns of a larger matrix. */
interface Term {
  readonly factor: Value;
  readonly whole: Value;
  readonly from: number;
  readonly to: number;
}

function multipliedAtOnce(graph: Graph): Graph {
  const made = producers(graph);
  const uses = useCounts(graph);
  const sums = new Map<Value | undefined, readonly Term[] | undefined>();
  return rewriteNodes(graph, (node) => {
    const [output] = node.outputs;
    if (node.op === 'FusedMatMul') sums.set(output, termOf(node, made));
    if (!output || node.inputs.some((input) => !input || uses.get(input) !== 1)) return [node];
    if (node.op === 'Concat') return sideBySide(node, made) ?? [node];
    if (node.op !== 'Add') return [node];
    const terms = inOrder(node.inputs.map((input) => sums.get(input)));
    sums.set(output, terms);
    return summedUp(terms, output) ?? [node];
  });
}

/** AᵀB₁ | AᵀB₂ | … as Aᵀ(B₁ | B₂ | …). */
function sideBySide({ attributes, inputs, outputs }: GraphNode, made: ReadonlyMap<Value, GraphNode>) {
  const products = inputs.flatMap((part) => (part && made.get(part)) ?? []);
  const [a] = products[0]?.inputs ?? [];
  const factors = products.flatMap((product) => {
    const [shared, factor] = product.inputs;
    return factor && shared === a && isTransposed(product, 'transA') ? [factor] : [];
  });
  if (!a || attributes.axis !== 1 || factors.length < inputs.length) return undefined;
  const joint = concatenation(factors);
  return [joint, product([a, ...joint.outputs], outputs, { transA: 1, transB: 0 })];
}

/** B₁W₁ᵀ + B₂W₂ᵀ + … as (B₁ | B₂ | …)Wᵀ, if the terms take up all columns of W. */
function summedUp(terms: readonly Term[] = [], sum: Value) {
  const whole = terms[0]?.whole;
  const isWhole = terms.every((term, at) => term.whole === whole && term.from === (terms[at - 1]?.to ?? 0));
  if (!whole || !isWhole || terms.at(-1)?.to !== whole.shape[1]) return undefined;
  const joint = concatenation(terms.map(({ factor }) => factor));
  return [joint, product([...joint.outputs, whole], [sum], { transA: 0, transB: 1 })];
}

/** All terms of sums, if they are known; the one that has the first columns comes first. */
function inOrder(sums: readonly (readonly Term[] | undefined)[]): readonly Term[] | undefined {
  const terms = sums.flatMap((known) => known ?? []);
  return sums.every((known) => known !== undefined) ? terms.sort((a, b) => a.from - b.from) : undefined;
}

function termOf(node: GraphNode, made: ReadonlyMap<Value, GraphNode>): readonly Term[] | undefined {
  const [factor, part] = node.inputs;
  const slice = part && made.get(part);
  const [whole, from, to, axis, step] = slice?.inputs ?? [];
  if (!factor || !whole || slice?.op !== 'Slice' || step || numberOf(axis) !== 1) return undefined;
  if (!isTransposed(node, 'transB') || whole.shape.length !== 2) return undefined;
  return [{ factor, whole, from: numberOf(from) ?? Number.NaN, to: numberOf(to) ?? Number.NaN }];
}

/** Whether a node multiplies two matrices of which this one alone is read transposed. */
function isTransposed({ op, attributes, inputs }: GraphNode, which: 'transA' | 'transB'): boolean {
  const { transA = 0, transB = 0, alpha } = attributes;
  const matrices = inputs.length === 2 && inputs.every((input) => input?.shape.length === 2);
  return op === 'FusedMatMul' && matrices && alpha === undefined && transA !== transB && attributes[which] === 1;
}

/** Matrices beside each other; equal ones are merged by `commonSubexpressions`. */
function concatenation(matrices: readonly Value[]): GraphNode {
  const columns = matrices.reduce((sum, { shape }) => sum + (shape[1] ?? 0), 0);
  const outputs = [value('float32', [matrices[0]?.shape[0] ?? 0, columns])];
  return { op: 'Concat', inputs: matrices, outputs, attributes: { axis: 1 } };
}

function product(
  inputs: readonly Value[],
  outputs: readonly Value[],
  attributes: { readonly transA: number; readonly transB: number },
): GraphNode {
  return { op: 'FusedMatMul', domain: 'com.microsoft', inputs, outputs, attributes };
}
