import { type GraphBuilder, integers, reshape, sameShape, transpose } from '../graph/builder';
import type { GraphNode, Value } from '../graph/graph';
import { batchFirst, channelsApart, extentsOf, type ImageExtents, list } from './blockedLayout';
import type { BlockedWalk } from './blockedWalk';

/**
 * The gradient of a filter, from images in blocks: a convolution of the images with the gradient of the output for a
 * filter, in which samples are channels and each tap is a position. ONNX Runtime gathers the pixels of a few taps at a
 * time, in cache. A row of images in blocks counts as one of `width · block` pixels, which the window passes in steps of
 * a block, so that it reads them where they are.
 */
export function filterGradientFromBlocks(walk: BlockedWalk, node: GraphNode, output: Value): Value | undefined {
  const { builder } = walk;
  const [images, dy] = node.inputs;
  const [before, after] = [extentsOf(images), extentsOf(dy)];
  if (!images || !dy || !before || !after) return undefined;
  const [channels, height, width, batch] = before;
  const [outputs, rows, columns] = after;
  const [tall = 1, wide = 1] = output.shape;
  const lane = channels < walk.block ? 1 : walk.block; // channels that lie beside each other
  const pixels = lane === 1 ? batchFirst(builder, walk.inOrder(images), before) : walk.intoBlocks(images, before).value;
  const [down = 1, across = 1] = list(node.attributes.strides);
  const [top = 0, left = 0] = list(node.attributes.pads);
  const below = Math.max(0, tall + (rows - 1) * down - height - top);
  const right = Math.max(0, wide + (columns - 1) * across - width - left);
  const positions = [height + top + below - (rows - 1) * down, width + left + right - (columns - 1) * across] as const;
  const attributes = {
    kernel_shape: [1, rows, columns],
    dilations: [1, down, across * lane],
    pads: [0, top, left * lane, 0, below, right * lane],
  };
  const planes = channels / lane;
  const byTap = builder.op(
    'Conv',
    [
      reshape(builder, pixels, [1, batch, planes, height, width * lane]),
      reshape(builder, gradientsByChannel(walk, dy, after), [outputs, batch, 1, rows, columns]),
    ],
    { dtype: 'float32', shape: [1, outputs, planes, positions[0], positions[1] * lane] },
    attributes,
  );
  const taps = leading(builder, reshape(builder, byTap, [outputs, planes, ...positions, lane]), [tall, wide]);
  return reshape(builder, outputsLast(builder, taps), output.shape);
}

/** `[outputs, batch, rows, columns]` */
function gradientsByChannel(walk: BlockedWalk, dy: Value, extents: ImageExtents): Value {
  const { builder } = walk;
  const [outputs, rows, columns, batch] = extents;
  const blocked = walk.blockedOf(dy);
  const [pixels, order] = blocked
    ? [reshape(builder, channelsApart(builder, blocked), [batch, outputs, rows * columns]), [1, 0, 2]]
    : [reshape(builder, walk.inOrder(dy), [outputs, rows * columns, batch]), [0, 2, 1]];
  return transpose(builder, pixels, order);
}

/** The first taps, where windows that a stride keeps from the last pixels would have found more. */
function leading(builder: GraphBuilder, taps: Value, kernel: readonly number[]): Value {
  const shape = taps.shape.toSpliced(2, 2, ...kernel);
  if (sameShape(shape, taps.shape)) return taps;
  const inputs = [taps, integers([0, 0]), integers(kernel), integers([2, 3])];
  return builder.op('Slice', inputs, { dtype: 'float32', shape });
}

/** `[outputs, planes, height, width, lane]` → `[height, width, planes, lane, outputs]`, in two moves of long runs. */
function outputsLast(builder: GraphBuilder, taps: Value): Value {
  const [outputs = 1, planes = 1, height = 1, width = 1, lane = 1] = taps.shape;
  const rows = transpose(builder, reshape(builder, taps, [outputs, planes * height * width * lane]), [1, 0]);
  return transpose(builder, reshape(builder, rows, [planes, height * width, lane * outputs]), [1, 0, 2]);
}
