import { reshaping, sameShape } from '../graph/builder';
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
 * Numbers by which factors or results of matrix products are multiplied become the product's own `alpha`: (c·A)B and
 * c·(AB) in one operator. Attention scales its scores so, and GELU its argument and result.
 */
export const productScales = definePass({
  name: 'productScales',
  summary: 'Lets matrix products multiply by constants, which costs them nothing.',
  run: scaledInProducts,
});

function scaledInProducts(graph: Graph): Graph {
  const made = new Map(producers(graph));
  const uses = useCounts(graph);
  return rewriteNodes(graph, (original) => {
    const nodes = isProduct(original) ? scaledFactors(original, made) : scaledResult(original, made, uses);
    for (const node of nodes) for (const output of node.outputs) made.set(output, node);
    return nodes;
  });
}

/** (c·A)(d·B) as cd·(AB); what a Gemm adds to it stays as it is. */
function scaledFactors(node: GraphNode, made: ReadonlyMap<Value, GraphNode>): readonly GraphNode[] {
  const factors = node.inputs.slice(0, 2).map((factor) => factor && unscaled(factor, made));
  if (factors.every((factor) => factor === undefined)) return [node];
  const inputs = node.inputs.map((input, index) => factors[index]?.of ?? input);
  const scale = factors.reduce((product, factor) => product * (factor?.by ?? 1), 1);
  return [...factors.flatMap((factor) => factor?.reshaping ?? []), { ...withProductTimes(node, scale), inputs }];
}

/** c·(AB), if nobody reads AB itself. */
function scaledResult(
  node: GraphNode,
  made: ReadonlyMap<Value, GraphNode>,
  uses: ReadonlyMap<Value, number>,
): readonly GraphNode[] {
  const scaling = scalingOf(node);
  const [output] = node.outputs;
  if (!scaling || !output || uses.get(scaling.of) !== 1) return [node];
  const inner = made.get(scaling.of);
  const product =
    inner?.op === 'Reshape' && uses.get(inner.inputs[0] ?? output) === 1 ? made.get(inner.inputs[0] ?? output) : inner;
  const [result] = product?.outputs ?? [];
  if (!product || !result || !isProduct(product)) return [node];
  const scaled = timesNumber(product, scaling.by);
  if (sameShape(result.shape, output.shape)) return [{ ...scaled, outputs: [output] }];
  const matrix = value('float32', result.shape);
  return [{ ...scaled, outputs: [matrix] }, reshaping(matrix, output)];
}

/** A factor without the number that it is multiplied by; a reshape stays between. */
function unscaled(factor: Value, made: ReadonlyMap<Value, GraphNode>) {
  const node = made.get(factor);
  const outside = node?.op === 'Reshape' ? node.inputs[0] : undefined;
  const scaling = scalingOf(outside ? made.get(outside) : node);
  if (!scaling) return undefined;
  if (!outside) return { of: scaling.of, by: scaling.by, reshaping: [] };
  const matrix = value('float32', factor.shape);
  return { of: matrix, by: scaling.by, reshaping: [reshaping(scaling.of, matrix)] };
}

function isProduct({ op, outputs: [output] }: GraphNode): boolean {
  return output?.dtype === 'float32' && (op === 'MatMul' || op === 'FusedMatMul' || op === 'Gemm');
}

/** c·(AB) of a product AB, c·(AB) + C of a sum AB + C. */
function withProductTimes(product: GraphNode, factor: number): GraphNode {
  const attributes = { ...product.attributes, alpha: { float: floatAttribute(product, 'alpha') * factor } };
  if (product.op === 'Gemm') return { ...product, attributes };
  return { ...product, op: 'FusedMatMul', domain: 'com.microsoft', attributes };
}

/** c·(AB) of a product AB, c·(AB + C) of a sum AB + C. */
function timesNumber(product: GraphNode, factor: number): GraphNode {
  const scaled = withProductTimes(product, factor);
  if (product.op !== 'Gemm') return scaled;
  return { ...scaled, attributes: { ...scaled.attributes, beta: { float: floatAttribute(product, 'beta') * factor } } };
}

/** `alpha` or `beta`: 1 unless given. */
function floatAttribute({ attributes }: GraphNode, name: string): number {
  const found = attributes[name];
  return typeof found === 'object' && 'float' in found ? found.float : 1;
}

/** A tensor that a node multiplies by a number. */
function scalingOf(node: GraphNode | undefined): { readonly of: Value; readonly by: number } | undefined {
  const [a, b] = node?.inputs ?? [];
  const [output] = node?.outputs ?? [];
  if (!a || !b || output?.dtype !== 'float32') return undefined;
  const [left, right] = [numberOf(a), numberOf(b)];
  if (right !== undefined && sameShape(a.shape, output.shape)) {
    if (node?.op === 'Mul') return { of: a, by: right };
    if (node?.op === 'Div') return { of: a, by: 1 / right };
  }
  return node?.op === 'Mul' && left !== undefined && sameShape(b.shape, output.shape) ? { of: b, by: left } : undefined;
}
