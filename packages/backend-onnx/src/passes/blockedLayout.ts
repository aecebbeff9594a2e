import { type GraphBuilder, reshape, transpose } from '../graph/builder';
import type { AttributeValue, Value } from '../graph/graph';

/** Extents of images as the graph holds them. */
export type ImageExtents = readonly [channels: number, height: number, width: number, batch: number];

/**
 * Images in ONNX Runtime's own order, `[batch, channels / block, height, width, block]`: its fastest convolutions read and
 * write it, the block filling one vector register. `value` has the shape `[batch, channels, height, width]`, which is what
 * the operators of `com.microsoft.nchwc` take, and which says nothing about the order in memory.
 */
export interface BlockedImages {
  readonly value: Value;
  readonly extents: ImageExtents;
}

/** The shape that blocked operators give images of these extents. */
function blockedShape([channels, height, width, batch]: ImageExtents): readonly number[] {
  return [batch, channels, height, width];
}

/** Batch-last images in blocks. */
export function toBlocks(builder: GraphBuilder, images: Value, extents: ImageExtents): BlockedImages {
  const shape = blockedShape(extents);
  const value = builder.blockedOp('ReorderInput', [batchFirst(builder, images, extents)], { dtype: 'float32', shape });
  return { value, extents };
}

/** Batch-last images as `[batch, channels, height, width]`, in order. */
export function batchFirst(builder: GraphBuilder, images: Value, extents: ImageExtents): Value {
  const [channels, height, width, batch] = extents;
  const rows = transpose(builder, reshape(builder, images, [channels * height * width, batch]), [1, 0]);
  return reshape(builder, rows, blockedShape(extents));
}

/** Blocked images batch-last again: `[channels, height, width, batch]`. */
export function fromBlocks(builder: GraphBuilder, images: BlockedImages): Value {
  const [channels, height, width, batch] = images.extents;
  const inOrder = reshape(builder, channelsApart(builder, images), [batch, channels * height * width]);
  return reshape(builder, transpose(builder, inOrder, [1, 0]), images.extents);
}

/** Blocked images as `[batch, channels, height, width]`, in order. */
export function channelsApart(builder: GraphBuilder, { value, extents }: BlockedImages): Value {
  const [channels] = extents;
  return builder.blockedOp('ReorderOutput', [value], { dtype: 'float32', shape: blockedShape(extents) }, { channels });
}

/** A convolution of blocked images, and what it takes along. */
export interface BlockedConvolution {
  /** Blocked, or for less than a block of channels batch-first. */ readonly images: Value;
  /** Filters in blocks. */ readonly filter: Value;
  readonly bias?: Value | undefined;
  /** Blocked images that are added to the result. */ readonly rest?: Value | undefined;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export function convolveBlocks(
  builder: GraphBuilder,
  { images, filter, bias, rest, attributes }: BlockedConvolution,
  extents: ImageExtents,
): BlockedImages {
  const inputs = rest ? [images, filter, bias, rest] : bias ? [images, filter, bias] : [images, filter];
  const produces = { dtype: 'float32', shape: blockedShape(extents) } as const;
  return { value: builder.blockedOp('Conv', inputs, produces, attributes), extents };
}

/** Every channel times a number, plus another: a 1-wide convolution of each channel by itself. */
export function scaleChannels(
  builder: GraphBuilder,
  { value: images, extents }: BlockedImages,
  { scale, ...others }: { scale: Value; bias?: Value | undefined; rest?: Value | undefined; relu?: boolean },
): BlockedImages {
  const [channels] = extents;
  const attributes = { group: channels, kernel_shape: [1, 1], ...(others.relu && { activation: 'Relu' }) };
  const filter = reshape(builder, scale, [channels, 1, 1, 1]);
  const bias = others.bias && reshape(builder, others.bias, [channels]);
  return convolveBlocks(builder, { images, filter, bias, rest: others.rest, attributes }, extents);
}

/**
 * Filters in the order that blocked convolutions read: those of images in blocks end with a block of input and one of
 * output channels, those of images in order with one of output channels.
 * @param filter `[outputChannels, inputChannels, height, width]`
 */
export function filterBlocks(builder: GraphBuilder, filter: Value, block: number): Value {
  const [outputs = 1, inputs = 1, height = 1, width = 1] = filter.shape;
  if (inputs < block) {
    const split = reshape(builder, filter, [outputs / block, block, inputs, height, width]);
    return reshape(builder, transpose(builder, split, [0, 2, 3, 4, 1]), filter.shape);
  }
  const split = reshape(builder, filter, [outputs / block, block, inputs / block, block, height, width]);
  return reshape(builder, transpose(builder, split, [0, 2, 4, 5, 3, 1]), filter.shape);
}

/** The mean over the pixels of each channel and sample, `[batch, channels]`. */
export function pixelMeans(builder: GraphBuilder, { value: images, extents }: BlockedImages): Value {
  const [channels, , , batch] = extents;
  const produces = { dtype: 'float32', shape: [batch, channels, 1, 1] } as const;
  return reshape(builder, builder.blockedOp('GlobalAveragePool', [images], produces), [batch, channels]);
}

/**
 * The sum over the pixels of what two images have there, of each channel and sample, `[batch, channels]`: a convolution
 * of every channel by itself whose window is the whole image, so that no products are written to memory.
 */
export function pixelProducts(builder: GraphBuilder, a: BlockedImages, b: BlockedImages): Value {
  const [channels, height, width, batch] = a.extents;
  const planes = batch * channels;
  const images = reshape(builder, a.value, [1, planes, height, width]);
  const filter = reshape(builder, b.value, [planes, 1, height, width]);
  const attributes = { group: planes, kernel_shape: [height, width] };
  const produces = { dtype: 'float32', shape: [1, planes, 1, 1] } as const;
  return reshape(builder, builder.blockedOp('Conv', [images, filter], produces, attributes), [batch, channels]);
}

/** Blocked images with axes of their own for rows, columns and the block: `[batch · channels / block, height, width, block]`. */
export function pixelsOf(builder: GraphBuilder, { value: images, extents }: BlockedImages, block: number): Value {
  const [channels, height, width, batch] = extents;
  return reshape(builder, images, [(batch * channels) / block, height, width, block]);
}

/** The reverse of {@link pixelsOf}. */
export function fromPixels(builder: GraphBuilder, pixels: Value, extents: ImageExtents): BlockedImages {
  return { value: reshape(builder, pixels, blockedShape(extents)), extents };
}

/** The extents of images in the shape that the graph gives them, with or without an axis in front. */
export function extentsOf(images: Value | undefined): ImageExtents | undefined {
  const { shape = [] } = images ?? {};
  const [channels, height, width, batch] = shape.length === 5 && shape[0] === 1 ? shape.slice(1) : shape;
  const four = shape.length === 4 || (shape.length === 5 && shape[0] === 1);
  if (!four || channels === undefined || height === undefined || width === undefined || batch === undefined)
    return undefined;
  return [channels, height, width, batch];
}

/** The numbers of an attribute that is a list. */
export function list(attribute: AttributeValue | undefined): readonly number[] {
  return typeof attribute === 'object' && !('float' in attribute) ? attribute : [];
}
