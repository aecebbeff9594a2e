import { sizeOf, tf } from '@unlabel/core';
import { integers, reshape, scalarConstant, transpose } from '../graph/builder';
import { denseValue, plainly } from '../graph/lowered';
import type { Kernel, KernelCall, Kernels } from './kernel';

const { getPermuted, getReshaped, getReshapedPermuted, getSliceBeginCoords, getSliceSize } = tf.backend_util;

/** Blocks of positions, each of which becomes a sample of its own. */
const spaceToBatch: Kernel = {
  infer: (call) => {
    const { dtype } = call.input('x');
    return [{ dtype, shape: getReshapedPermuted(paddedShape(call), ...blocksOf(call), false) }];
  },
  lower: (call) => {
    const { builder, output } = call;
    const padded = paddedShape(call);
    const room = call.pairs('paddings');
    const behind = output.shape.slice(room.length + 1).map(() => 0);
    const around = [0, ...room.map(([before]) => before), ...behind, 0, ...room.map(([, after]) => after), ...behind];
    const inputs = [denseValue(builder, call.input('x')), integers(around), scalarConstant(output.dtype, 0)];
    const whole = builder.op('Pad', inputs, { dtype: output.dtype, shape: padded });
    const split = reshape(builder, whole, getReshaped(padded, ...blocksOf(call), false));
    const moved = transpose(builder, split, getPermuted(split.shape.length, room.length, false));
    return [plainly(reshape(builder, moved, output.shape), output)];
  },
};

function paddedShape(call: KernelCall): number[] {
  const paddings = call.pairs('paddings');
  return call.input('x').shape.map((extent, axis) => {
    const [before = 0, after = 0] = paddings[axis - 1] ?? [];
    return before + extent + after;
  });
}

/** Samples that become blocks of positions, the inverse; then borders are cut off. */
const batchToSpace: Kernel = {
  infer: (call) => {
    const whole = uncroppedShape(call);
    const cut = getSliceSize(whole, ...cropsOf(call));
    return [{ dtype: call.input('x').dtype, shape: [...cut, ...whole.slice(cut.length)] }];
  },
  lower: (call) => {
    const { builder, output } = call;
    const { shape } = call.input('x');
    const [blocks, count] = blocksOf(call);
    const split = reshape(builder, denseValue(builder, call.input('x')), getReshaped([...shape], blocks, count));
    const moved = transpose(builder, split, getPermuted(split.shape.length, blocks.length));
    const whole = reshape(builder, moved, uncroppedShape(call));
    const begin = getSliceBeginCoords(...cropsOf(call));
    const end = begin.map((start, axis) => start + (output.shape[axis] ?? 1));
    const axes = integers(begin.map((_, axis) => axis));
    return [plainly(builder.op('Slice', [whole, integers(begin), integers(end), axes], output), output)];
  },
};

function uncroppedShape(call: KernelCall): number[] {
  return getReshapedPermuted([...call.input('x').shape], ...blocksOf(call));
}

function blocksOf(call: KernelCall): [blocks: number[], count: number] {
  const blocks = [...call.numbers('blockShape')];
  return [blocks, sizeOf(blocks)];
}

function cropsOf(call: KernelCall): [crops: number[][], axes: number] {
  const crops = call.pairs('crops').map((pair) => [...pair]);
  return [crops, crops.length];
}

/** Channels that become blocks of pixels: sub-pixel convolutions end so. */
const depthToSpace: Kernel = {
  infer: (call) => {
    const { shape, dtype } = call.input('x');
    const [batch = 1, height = 1, width = 1, channels = 1] = shape;
    const block = call.number('blockSize');
    return [{ dtype, shape: [batch, height * block, width * block, channels / block ** 2] }];
  },
  lower: (call) => {
    const { builder, output } = call;
    const [batch = 1, height = 1, width = 1] = call.input('x').shape;
    const block = call.number('blockSize');
    const split = [batch, height, width, block, block, output.shape[3] ?? 1];
    const pixels = reshape(builder, denseValue(builder, call.input('x')), split);
    const woven = transpose(builder, pixels, [0, 1, 3, 2, 4, 5]);
    return [plainly(reshape(builder, woven, output.shape), output)];
  },
};

/** Positions moved into the batch or out of the channels, in blocks. */
export const blockKernels: Kernels = {
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
  DepthToSpace: depthToSpace,
};
