import { graphBuilder, reshape, reshaping, sameShape } from '../graph/builder';
import { type Graph, type GraphNode, producers, useCounts, type Value, value } from '../graph/graph';
import { batchLast } from '../graph/imageOrder';
import { definePass } from './pass';

/**
 * Gradients of strided convolutions are the pixels of several small images in turn; those of a strided shortcut, one
 * such image and zeros. Their sum is that of two small images, interlocked with the others.
 */
export const interlockedSums = definePass({
  name: 'interlockedSums',
  summary: 'Adds the gradient of a strided shortcut to the pixels that it has, before these interlock with others.',
  portable: true,
  run: addedBefore,
});

/** Finds the node whose result a value is, perhaps in another shape, if nothing else reads either. */
type MakerOf = (read: Value) => GraphNode | undefined;

function addedBefore(graph: Graph): Graph {
  const made = producers(graph);
  const uses = useCounts(graph);
  const makerOf: MakerOf = (read) => {
    const node = uses.get(read) === 1 ? made.get(read) : undefined;
    return node?.op === 'Reshape' && node.inputs[0] ? makerOf(node.inputs[0]) : node;
  };
  const nodes = graph.nodes.flatMap((node) => {
    const [a, b] = node.inputs;
    const [output] = node.outputs;
    if (node.op !== 'Add' || !a || !b || !output || !sameShape(a.shape, b.shape)) return [node];
    return interlockedSum(a, b, output, makerOf) ?? interlockedSum(b, a, output, makerOf) ?? [node];
  });
  return { ...graph, nodes };
}

/** The sum of images that interlock and of one among zeros. */
function interlockedSum(all: Value, one: Value, output: Value, makerOf: MakerOf): readonly GraphNode[] | undefined {
  const [concat, pad] = [makerOf(all), makerOf(one)];
  const [woven, spread] = [concat?.outputs[0], pad?.outputs[0]];
  const [first, ...others] = concat?.inputs ?? [];
  const [alone] = pad?.inputs ?? [];
  const axis = concat?.attributes.axis;
  if (concat?.op !== 'Concat' || !pad || !woven || !spread || !first || !alone || typeof axis !== 'number')
    return undefined;
  const fits = sameShape(woven.shape, spread.shape) && sameShape(first.shape, alone.shape);
  if (!fits || first.shape[axis] !== 1 || !padsBehind(pad, axis)) return undefined;
  const builder = graphBuilder({ contrib: false, images: batchLast });
  const sum = value('float32', first.shape.toSpliced(axis, 1));
  const added = interlockedSum(first, alone, sum, makerOf) ?? plainSum(first, alone, sum, makerOf);
  const parts = [reshape(builder, sum, first.shape), ...others];
  const result = builder.op('Concat', parts, { dtype: 'float32', shape: woven.shape }, { axis });
  return [...added, ...builder.nodes, reshaping(result, output)];
}

/** The sum of two small images, in its own shape. */
function plainSum(a: Value, b: Value, sum: Value, makerOf: MakerOf): readonly GraphNode[] {
  const builder = graphBuilder({ contrib: false, images: batchLast });
  const inputs = [a, b].map((image) => reshape(builder, makerOf(image)?.outputs[0] ?? image, sum.shape));
  return [...builder.nodes, { op: 'Add', inputs, outputs: [sum], attributes: {} }];
}

/** Whether a node puts zeros behind this axis, and nothing anywhere else. */
export function padsBehind({ op, inputs: [x, pads, fill] }: GraphNode, axis: number): boolean {
  const around = Array.from(pads?.constant ?? [], Number);
  const elsewhere = around.with((x?.shape.length ?? 0) + axis, 0);
  const zero = !fill || Number(fill.constant?.[0]) === 0;
  return op === 'Pad' && around.length > 0 && elsewhere.every((pad) => pad === 0) && zero;
}
