import { sizeOf } from '@unlabel/core';
import { type GraphBuilder, graphBuilder, integers, reshape, reshaping } from '../graph/builder';
import type { AttributeValue, Graph, GraphNode, Value } from '../graph/graph';
import { batchLast } from '../graph/imageOrder';
import { multiplyMatrices } from '../lowerings/matmul';
import { definePass } from './pass';

/** A 1×1 convolution of batch-last images is a product of matrices, once the pixels that the stride leaves out are gone. */
export const pointwiseConvolutions = definePass({
  name: 'pointwiseConvolutions',
  summary: 'Computes 1×1 convolutions as products of matrices.',
  run: (graph: Graph): Graph => ({ ...graph, nodes: graph.nodes.flatMap((node) => asProduct(node) ?? [node]) }),
});

function asProduct({
  op,
  inputs: [images, filter],
  outputs: [output],
  attributes,
}: GraphNode): readonly GraphNode[] | undefined {
  const { group, pads, strides } = attributes;
  if (op !== 'Conv' || group !== undefined || images?.shape.length !== 5 || !filter || !output) return undefined;
  const zero = !Array.isArray(pads) || pads.every((pad) => pad === 0);
  if (!zero || sizeOf(filter.shape.slice(2)) !== 1 || images.shape[0] !== 1) return undefined;
  const builder = graphBuilder({ contrib: true, images: batchLast });
  const [outputs = 1, inputs = 1] = filter.shape;
  const extents = output.shape.slice(2);
  const pixels = everyPixel(builder, images, strides, [1, inputs, ...extents]);
  const rows = reshape(builder, pixels, [inputs, sizeOf(extents)]);
  const weights = reshape(builder, filter, [outputs, inputs]);
  const mixed = multiplyMatrices(builder, weights, rows, { transposeA: false, transposeB: false });
  return [...builder.nodes, reshaping(mixed, output)];
}

/** The pixels at multiples of the strides. */
function everyPixel(
  builder: GraphBuilder,
  images: Value,
  strides: AttributeValue | undefined,
  shape: readonly number[],
): Value {
  if (!Array.isArray(strides) || strides.every((stride) => stride === 1)) return images;
  const inputs = [images, integers([0, 0, 0]), integers(images.shape.slice(2)), integers([2, 3, 4]), integers(strides)];
  return builder.op('Slice', inputs, { dtype: 'float32', shape });
}
