import { sizeOf } from '@unlabel/core';
import { type GraphBuilder, reshape, transpose } from '../graph/builder';
import { type Value, value } from '../graph/graph';
import { denseValue, isDense, type Lowered, plainly } from '../graph/lowered';
import { type Axes, axesOf } from './axes';
import { castTo } from './elementwise';
import type { Kernel, KernelCall, Kernels, LoweringCall } from './kernel';
import { multiplyMatrices } from './matmul';

/** Shares that the pixels of a row have in one pixel of the resized row, by their place. */
type Shares = (call: KernelCall, place: number, from: number, to: number) => readonly (readonly [number, number])[];

/** A resizing is linear along rows and along columns: two products with matrices of shares. */
const resize = (shares: Shares): Kernel => ({
  infer: (call) => {
    const { shape, dtype } = call.input('images');
    const [height = 1, width = 1] = call.numbers('size');
    return [{ dtype: shares === nearest ? dtype : 'float32', shape: shape.with(1, height).with(2, width) }];
  },
  lower: (call) => {
    const [, height = 1, width = 1] = call.input('images').shape;
    const [rows, columns] = call.numbers('size');
    const matrices = [matrix(call, shares, height, rows ?? 1), matrix(call, shares, width, columns ?? 1)] as const;
    return [resized(call, call.input('images'), matrices)];
  },
});

/** The gradient of a resizing: the same matrices, transposed. */
const resizeGradient = (shares: Shares): Kernel => ({
  infer: (call) => [call.input('images')],
  lower: (call) => {
    const [, height = 1, width = 1] = call.output.shape;
    const [, rows = 1, columns = 1] = call.input('dy').shape;
    const matrices = [matrix(call, shares, height, rows), matrix(call, shares, width, columns)] as const;
    const turned = matrices.map((weights) => transpose(call.builder, weights, [1, 0]));
    const [down = matrices[0], across = matrices[1]] = turned;
    return [resized(call, call.input('dy'), [down, across])];
  },
});

/** Images times a matrix along their columns and one along their rows, in whichever layout they are held. */
function resized(call: LoweringCall, images: Lowered, [rows, columns]: readonly [Value, Value]): Lowered {
  const { builder, output } = call;
  const numbers = castTo(call, images, 'float32');
  const axes = axesOf(builder, isDense(numbers) ? numbers : plainly(denseValue(builder, numbers), numbers));
  const value = alongRows(builder, alongColumns(builder, axes, columns), rows);
  return castTo(
    call,
    { ...output, dtype: 'float32', value: value.value, inImageOrder: axes.inImageOrder },
    output.dtype,
  );
}

/** @param columns `[width of the result, width]` */
function alongColumns(builder: GraphBuilder, axes: Axes, columns: Value): Axes {
  const { shape } = axes.value;
  const at = axes.position[2] ?? 2;
  const [width = 1, inner] = [columns.shape[0], sizeOf(shape.slice(at + 1))];
  const pixels = reshape(builder, axes.value, [sizeOf(shape.slice(0, at)), shape[at] ?? 1, inner]);
  const product = multiplyMatrices(builder, columns, pixels, { transposeA: false, transposeB: false });
  return { ...axes, value: reshape(builder, product, shape.with(at, width)) };
}

/** @param rows `[height of the result, height]` */
function alongRows(builder: GraphBuilder, axes: Axes, rows: Value): Axes {
  return alongColumns(builder, { ...axes, position: axes.position.with(2, axes.position[1] ?? 1) }, rows);
}

function matrix(call: KernelCall, shares: Shares, from: number, to: number): Value {
  const weights = new Float32Array(to * from);
  for (let place = 0; place < to; place++) {
    for (const [source, share] of shares(call, place, from, to)) {
      const index = place * from + source;
      weights[index] = (weights[index] ?? 0) + share;
    }
  }
  return value('float32', [to, from], weights);
}

/** The two pixels around a place, by their distance. */
const bilinear: Shares = (call, place, from, to) => {
  const center = call.flag('halfPixelCenters') ? 0.5 : 0;
  const source = (place + center) * pixelDistance(call, from, to) - center;
  const first = Math.max(0, Math.floor(source));
  const second = Math.max(0, Math.min(from - 1, Math.ceil(source)));
  return [
    [first, 1 - (source - first)],
    [second, source - first],
  ];
};

const nearest: Shares = (call, place, from, to) => {
  const center = call.flag('halfPixelCenters') ? 0.5 : 0;
  const source = (place + center) * pixelDistance(call, from, to);
  return [[Math.min(from - 1, call.flag('alignCorners') ? Math.round(source) : Math.floor(source)), 1]];
};

/** How far apart the sources of neighbouring pixels are. */
function pixelDistance(call: KernelCall, from: number, to: number): number {
  return call.flag('alignCorners') && to > 1 ? (from - 1) / (to - 1) : from / to;
}

/** Images in another size. */
export const resizeKernels: Kernels = {
  ResizeBilinear: resize(bilinear),
  ResizeBilinearGrad: resizeGradient(bilinear),
  ResizeNearestNeighbor: resize(nearest),
  ResizeNearestNeighborGrad: resizeGradient(nearest),
};
