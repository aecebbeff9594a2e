import { sizeOf } from '@unlabel/core';
import { filled, floatConstant, integers, reshape, sameShape, transpose } from '../graph/builder';
import { type GraphNode, type Value, value } from '../graph/graph';
import { fillsBlocks } from '../graph/imageBlocks';
import { filterGradientFromBlocks } from './blockedFilterGradient';
import {
  type BlockedImages,
  batchFirst,
  convolveBlocks,
  extentsOf,
  filterBlocks,
  fromPixels,
  type ImageExtents,
  list,
  pixelMeans,
  pixelProducts,
  pixelsOf,
  scaleChannels,
} from './blockedLayout';
import type { BlockedWalk } from './blockedWalk';
import { padsBehind } from './interlockedSums';

/** Operators that treat every element alike. */
const elementwise = new Set([
  'Abs',
  'Add',
  'Div',
  'Exp',
  'HardSigmoid',
  'Mul',
  'Neg',
  'Relu',
  'Sigmoid',
  'Sub',
  'Tanh',
]);

/**
 * What a node computes, from images in blocks: images in blocks again, or a value that needs none. `undefined` if the node
 * has to be computed on images in order.
 */
export function inBlocks(walk: BlockedWalk, node: GraphNode, output: Value): BlockedImages | Value | undefined {
  const { op, domain, attributes } = node;
  if (op === 'Conv' && attributes.group === undefined) return convolution(walk, node, output);
  if (op === 'Conv' || op === 'FusedConv') return scaling(walk, node, output);
  if (op.startsWith('Reduce')) return reduction(walk, node, output);
  if (op === 'FilterGradient') return filterGradientFromBlocks(walk, node, output);
  if (op === 'Concat' || op === 'Pad') return interlocking(walk, node, output);
  if (op === 'Slice') return cutting(walk, node, output);
  return elementwise.has(op) && !domain ? everyElement(walk, node, output) : undefined;
}

function convolution(walk: BlockedWalk, node: GraphNode, output: Value): BlockedImages | undefined {
  const { builder, block } = walk;
  const [images, filter] = node.inputs;
  const [before, after] = [extentsOf(images), extentsOf(output)];
  if (!images || filter?.shape.length !== 5 || !before || !after) return undefined;
  const few = before[0] < block;
  if (!fillsBlocks({ inputChannels: before[0], outputChannels: after[0], width: after[2] }, block)) return undefined;
  const weights = reshape(builder, walk.inOrder(filter), filter.shape.slice(0, 4));
  const { strides, dilations, pads } = node.attributes;
  const [top = 0, left = 0, , bottom = 0, right = 0] = list(pads);
  const attributes = {
    kernel_shape: weights.shape.slice(2),
    strides: list(strides).slice(0, 2),
    dilations: (dilations === undefined ? [1, 1] : list(dilations)).slice(0, 2),
    pads: [top, left, bottom, right],
  };
  const input = few ? batchFirst(builder, walk.inOrder(images), before) : walk.intoBlocks(images, before).value;
  return convolveBlocks(builder, { images: input, filter: filterBlocks(builder, weights, block), attributes }, after);
}

/** scale·x + shift + rest of every channel, as the pass `scaleAndShift` writes it. */
function scaling(walk: BlockedWalk, node: GraphNode, output: Value): BlockedImages | undefined {
  const [x, scale, bias, rest] = node.inputs;
  const images = walk.blockedOf(x);
  const channels = images?.extents[0];
  if (!images || !scale || output.shape.length !== 3 || sizeOf(scale.shape) !== channels) return undefined;
  return scaleChannels(walk.builder, images, {
    scale: walk.inOrder(scale),
    bias: bias && walk.inOrder(bias),
    rest: rest && walk.intoBlocks(rest, images.extents).value,
    relu: node.attributes.activation === 'Relu',
  });
}

/** Sums over the pixels, of each sample or of all. */
function reduction(walk: BlockedWalk, { op, inputs, attributes }: GraphNode, output: Value): Value | undefined {
  const { builder } = walk;
  const [x, axes] = inputs;
  const images = walk.blockedOf(x);
  const over = (axes?.constant ? Array.from(axes.constant, Number) : list(attributes.axes)).toSorted().join();
  const known = op === 'ReduceSum' || op === 'ReduceMean' || op === 'ReduceSumSquare';
  if (!images || x?.shape.length !== 4 || !known || (over !== '1,2' && over !== '1,2,3')) return undefined;
  const [channels, height, width, batch] = images.extents;
  const factors = op === 'ReduceSumSquare' ? ([images, images] as const) : factorsOf(walk, x);
  const perSample = factors ? pixelProducts(builder, ...factors) : pixelMeans(builder, images);
  const ofEach = over === '1,2';
  const result = ofEach
    ? transpose(builder, perSample, [1, 0])
    : builder.op('ReduceMean', [perSample], { dtype: 'float32', shape: [channels] }, { axes: [0], keepdims: 0 });
  const pixels = height * width;
  const count = (op === 'ReduceMean' ? 1 : pixels * (ofEach ? 1 : batch)) / (factors ? pixels : 1);
  return reshape(
    builder,
    count === 1 ? result : builder.op('Mul', [result, floatConstant(count)], result),
    output.shape,
  );
}

/** What is multiplied, if images in blocks are a product of two such that nothing else reads. */
function factorsOf(walk: BlockedWalk, product: Value): readonly [BlockedImages, BlockedImages] | undefined {
  const node = walk.makerFor(product);
  const [a, b] = node?.op === 'Mul' ? node.inputs.map(walk.blockedOf) : [];
  return a && b && sameShape(a.extents, b.extents) ? [a, b] : undefined;
}

/** Rows or columns of several images in turn, or of one image and zeros: how gradients of strided convolutions end. */
function interlocking(walk: BlockedWalk, node: GraphNode, output: Value): BlockedImages | undefined {
  const { builder, block } = walk;
  const parts = node.op === 'Pad' ? node.inputs.slice(0, 1) : node.inputs;
  const axis = [2, 3].find((at) => parts.every((part) => part?.shape.length === 5 && part.shape[at] === 1));
  if (node.op === 'Concat' ? node.attributes.axis !== axis : axis && !padsBehind(node, axis)) return undefined;
  const images = parts.map((part) => walk.blockedOf(walk.viewed(part)));
  const [first] = images;
  if (!axis || !first || images.includes(undefined)) return undefined;
  const [channels, height, width, batch] = first.extents;
  const times = output.shape[axis] ?? 1;
  const rows = axis === 2;
  const run = rows ? width * block : block;
  const produces = { dtype: 'float32', shape: [sizeOf(first.extents) / run, times, run] } as const;
  const views = images.flatMap((part) => (part ? reshape(builder, part.value, produces.shape.with(1, 1)) : []));
  const woven =
    node.op === 'Pad'
      ? builder.op('Pad', [...views, integers([0, 0, 0, 0, times - 1, 0]), floatConstant(0)], produces)
      : builder.op('Concat', views, produces, { axis: 1 });
  const extents = [channels, rows ? height * times : height, rows ? width : width * times, batch] as const;
  return { value: reshape(builder, woven, [batch, channels, extents[1], extents[2]]), extents };
}

/** Rows and columns from one to another. */
function cutting(walk: BlockedWalk, { inputs }: GraphNode, output: Value): BlockedImages | undefined {
  const { builder, block } = walk;
  const [x, from, to, axes, steps] = inputs;
  const images = walk.blockedOf(x);
  const extents = extentsOf(output);
  if (!images || !extents || steps || x?.shape.length !== 4 || axes?.constant?.join() !== '1,2') return undefined;
  const [channels, height, width, batch] = extents;
  const shape = [(batch * channels) / block, height, width, block];
  const inputsInBlocks = [pixelsOf(builder, images, block), from, to, axes];
  return fromPixels(builder, builder.op('Slice', inputsInBlocks, { dtype: 'float32', shape }), extents);
}

/** Arithmetic on images that stand in blocks, with numbers, or with some for each channel, or for each sample, too. */
function everyElement(walk: BlockedWalk, node: GraphNode, output: Value): BlockedImages | undefined {
  const { builder } = walk;
  const extents = output.shape.length === 4 ? extentsOf(output) : undefined;
  const inputs = node.inputs.flatMap((input) => input ?? []);
  const full = inputs.filter((input) => sameShape(input.shape, output.shape));
  if (!extents || full.every((input) => walk.blockedOf(input) === undefined)) return undefined;
  const others = inputs.filter((input) => !full.includes(input) && sizeOf(input.shape) > 1);
  const [other, ...more] = others;
  if (more.length > 0) return undefined;
  if (!other) {
    const operands = inputs.map((input) =>
      full.includes(input) ? walk.intoBlocks(input, extents).value : walk.inOrder(input),
    );
    const [channels, height, width, batch] = extents;
    const produces = { dtype: 'float32', shape: [batch, channels, height, width] } as const;
    return { value: builder.op(node.op, operands, produces, node.attributes), extents };
  }
  if (sameShape(other.shape, [extents[0], 1, 1, 1])) return withChannels(walk, node.op, inputs, extents);
  return sameShape(other.shape, [extents[0], 1, 1, extents[3]]) ? withSamples(walk, node, inputs, extents) : undefined;
}

/** Images and a number for each channel. */
function withChannels(
  walk: BlockedWalk,
  op: string,
  [a, b]: readonly Value[],
  extents: ImageExtents,
): BlockedImages | undefined {
  const imagesFirst = a !== undefined && sameShape(a.shape, extents);
  const [images, numbers] = imagesFirst ? [a, b] : [b, a];
  if (!images || !numbers || !(op === 'Mul' || op === 'Add' || (op === 'Sub' && imagesFirst))) return undefined;
  const held = walk.intoBlocks(images, extents);
  const given = walk.inOrder(numbers);
  if (op === 'Mul') return scaleChannels(walk.builder, held, { scale: given });
  const scale = value('float32', [extents[0]], filled('float32', extents[0], 1));
  const bias = op === 'Add' ? given : walk.builder.op('Neg', [given], given);
  return scaleChannels(walk.builder, held, { scale, bias });
}

/** Images and a number for each channel of each sample, `[channels, 1, 1, batch]`: how gradients of pooling begin. */
function withSamples(
  { builder, block, intoBlocks, inOrder }: BlockedWalk,
  { op, attributes }: GraphNode,
  inputs: readonly Value[],
  extents: ImageExtents,
): BlockedImages {
  const [channels, height, width, batch] = extents;
  const operands = inputs.map((input) => {
    if (sameShape(input.shape, extents)) return pixelsOf(builder, intoBlocks(input, extents), block);
    const samples = transpose(builder, reshape(builder, inOrder(input), [channels, batch]), [1, 0]);
    return reshape(builder, samples, [(batch * channels) / block, 1, 1, block]);
  });
  const produces = { dtype: 'float32', shape: [(batch * channels) / block, height, width, block] } as const;
  return fromPixels(builder, builder.op(op, operands, produces, attributes), extents);
}
