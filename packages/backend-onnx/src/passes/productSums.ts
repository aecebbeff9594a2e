import { sameShape } from '../graph/builder';
import { type Graph, type GraphNode, producers, rewriteNodes, useCounts, type Value } from '../graph/graph';
import { definePass } from './pass';

/** AB + C of two matrices in one operator, Gemm: C is a bias, or what other parts of a batch add to a gradient. */
export const productSums = definePass({
  name: 'productSums',
  summary: 'Adds biases and other products while multiplying matrices.',
  run: addedInProducts,
});

function addedInProducts(graph: Graph): Graph {
  const made = producers(graph);
  const uses = useCounts(graph);
  return rewriteNodes(graph, (node) => {
    const [a, b] = node.inputs;
    const [sum] = node.outputs;
    if (node.op !== 'Add' || !a || !b || !sum) return [node];
    const product = (factors: Value, added: Value) =>
      uses.get(factors) === 1 && sameShape(factors.shape, sum.shape) && isAddend(added, sum)
        ? asGemm(made.get(factors), added, sum)
        : undefined;
    return [product(b, a) ?? product(a, b) ?? node];
  });
}

/** A vector for the columns, or a matrix of the same extents. */
function isAddend(added: Value, { shape }: Value): boolean {
  return sameShape(added.shape, shape) || sameShape(added.shape, shape.slice(1));
}

function asGemm(product: GraphNode | undefined, added: Value, sum: Value): GraphNode | undefined {
  const [a, b] = product?.inputs ?? [];
  if (!product || !a || !b || a.dtype !== 'float32' || a.shape.length !== 2 || b.shape.length !== 2) return undefined;
  if (product.op !== 'MatMul' && product.op !== 'FusedMatMul') return undefined;
  const { transA = 0, transB = 0, alpha = { float: 1 } } = product.attributes;
  return { op: 'Gemm', inputs: [a, b, added], outputs: [sum], attributes: { transA, transB, alpha } };
}
