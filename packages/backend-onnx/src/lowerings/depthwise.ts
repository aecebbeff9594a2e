import { floatConstant, type GraphBuilder, integers, reshape, transpose } from '../graph/builder';
import { type Value, value } from '../graph/graph';
import { batchLast, imageShape } from '../graph/imageOrder';
import { convolutionFamily } from './convolutionFamily';
import type { Kernels } from './kernel';
import { multiplyMatrices } from './matmul';
import { requireBatchLast } from './requireBatchLast';
import { imagesShape, type Windows } from './windows';

/**
 * Convolutions of each channel by itself, with `multiplier` filters for it, and their two gradients.
 *
 * ONNX Runtime is slow at convolutions with one channel a group. In training graphs, the rows of an image therefore take
 * the place of channels: a row of the result is a convolution, along the columns, of the rows that its windows reach, and
 * the weights of all pairs of rows stand in a {@link bands} matrix. That is more arithmetic, but in products of matrices.
 */
export const depthwiseKernels: Kernels = convolutionFamily({
  kernel: 'DepthwiseConv2dNative',
  depthwise: true,
  convolve,
  inputGradient: imagesGradient,
  filterGradient,
});

/** @param filter `[height, width, channels, multiplier]` */
function convolve(builder: GraphBuilder, images: Value, filter: Value, windows: Windows): Value {
  const { strides, dilations, pads, kernel, inputChannels: group, outputChannels, input, output, batch } = windows;
  const [, left, , right] = pads;
  if (builder.images === batchLast) {
    const rows = reshape(builder, images, [1, group * input[0], input[1], batch]);
    const attributes = { group, strides: [strides[1], 1], dilations: [dilations[1], 1], pads: [left, 0, right, 0] };
    const produces = { dtype: 'float32', shape: [1, outputChannels * output[0], output[1], batch] } as const;
    const result = builder.op('Conv', [rows, bands(builder, filter, windows)], produces, attributes);
    return reshape(builder, result, [outputChannels, ...output, batch]);
  }
  const weights = reshape(builder, transpose(builder, filter, [2, 3, 0, 1]), [outputChannels, 1, ...kernel]);
  const produces = { dtype: 'float32', shape: imageShape(builder.images, imagesShape(windows)) } as const;
  return builder.op('Conv', [images, weights], produces, { group, strides, dilations, pads });
}

/**
 * What each row of the images adds to each row of the result, for each tap along the columns; 0 where no window reaches.
 * @returns `[channels · multiplier · rows of the result, rows of an image, width of the filter, 1]`
 */
function bands(
  builder: GraphBuilder,
  filter: Value,
  { kernel, input, output, outputChannels, ...windows }: Windows,
): Value {
  const [height, width] = kernel;
  const taps = transpose(builder, filter, [2, 3, 0, 1]);
  const [channels = 1, multiplier = 1] = taps.shape;
  const produces = { dtype: 'float32', shape: [channels, multiplier, height + 1, width] } as const;
  const behind = [integers([0, 0, 0, 0, 0, 0, 1, 0]), floatConstant(0)];
  const withZeros = builder.op('Pad', [taps, ...behind], produces, { mode: 'constant' });
  const pairs = rowPairs({ input, output, ...windows }).map((offset) => {
    const tap = offset / windows.dilations[0];
    return Number.isInteger(tap) && tap >= 0 && tap < height ? tap : height;
  });
  const shape = [channels, multiplier, pairs.length, width];
  const weights = builder.op('Gather', [withZeros, integers(pairs)], { dtype: 'float32', shape }, { axis: 2 });
  return reshape(builder, weights, [outputChannels * output[0], input[0], width, 1]);
}

/** For each row of the result and each row of the images, how far below the window's first row the latter lies. */
function rowPairs({
  input,
  output,
  strides,
  pads,
}: Pick<Windows, 'input' | 'output' | 'strides' | 'pads'>): readonly number[] {
  const rows = Array.from({ length: output[0] * input[0] }, (_, pair) => pair);
  return rows.map((pair) => (pair % input[0]) - Math.floor(pair / input[0]) * strides[0] + pads[0]);
}

/**
 * The gradient of the images: the transpose of the same convolution.
 * @param dy `[channels · multiplier, …, batch]`
 */
function imagesGradient(builder: GraphBuilder, dy: Value, filter: Value, windows: Windows): Value {
  requireBatchLast(builder, 'The gradient of a depthwise convolution');
  const { kernel, strides, input, output, inputChannels: group, outputChannels, batch } = windows;
  const [, left, , right] = windows.pads;
  const reached = (output[1] - 1) * strides[1] + kernel[1] - left - right;
  const rows = reshape(builder, dy, [1, outputChannels * output[0], output[1], batch]);
  const produces = { dtype: 'float32', shape: [1, group * input[0], reached, batch] } as const;
  const attributes = { group, strides: [strides[1], 1], pads: [left, 0, right, 0] };
  const result = builder.op('ConvTranspose', [rows, bands(builder, filter, windows)], produces, attributes);
  const images = reshape(builder, result, [group, input[0], reached, batch]);
  if (reached === input[1]) return images;
  const behind = [integers([0, 0, 0, 0, 0, 0, input[1] - reached, 0]), floatConstant(0)]; // columns that strides leave over
  const whole = { dtype: 'float32', shape: [group, ...input, batch] } as const;
  return builder.op('Pad', [images, ...behind], whole, { mode: 'constant' });
}

/**
 * The gradient of the filter: for each tap along the columns, the products of all rows of `dy` with all rows of the
 * images, of which those are summed that a tap down the rows connects.
 * @returns `[height, width, channels, multiplier]`
 */
function filterGradient(builder: GraphBuilder, images: Value, dy: Value, windows: Windows): Value {
  requireBatchLast(builder, 'The gradient of a depthwise convolution');
  const { kernel, input, output, inputChannels, outputChannels, batch } = windows;
  const [height, width] = kernel;
  const multiplier = outputChannels / inputChannels;
  const gradients = reshape(builder, dy, [inputChannels, multiplier * output[0], output[1] * batch]);
  const columns = columnsUnderTaps(builder, images, windows);
  const products = columns.map((column) => {
    const rows = reshape(builder, column, [inputChannels, input[0], output[1] * batch]);
    const product = multiplyMatrices(builder, gradients, rows, { transposeA: false, transposeB: true });
    return reshape(builder, product, [1, outputChannels, output[0] * input[0]]);
  });
  const shape = [width, outputChannels, output[0] * input[0]];
  const pairs = builder.op('Concat', products, { dtype: 'float32', shape }, { axis: 0 });
  const connected = rowPairs(windows).flatMap((offset) =>
    Array.from({ length: height }, (_, tap) => Number(tap === offset)),
  );
  const taps = value('float32', [output[0] * input[0], height], Float32Array.from(connected));
  const sums = multiplyMatrices(builder, pairs, taps, { transposeA: false, transposeB: false });
  const bySides = reshape(builder, sums, [width, inputChannels, multiplier, height]);
  return transpose(builder, bySides, [3, 0, 1, 2]);
}

/** For each tap along the columns, the column of the images under it at each position: `[channels, rows, …, batch]`. */
function columnsUnderTaps(builder: GraphBuilder, images: Value, windows: Windows): readonly Value[] {
  const { kernel, strides, input, output, inputChannels, batch } = windows;
  const [, left, , right] = windows.pads;
  const wide = { dtype: 'float32', shape: [inputChannels, input[0], left + input[1] + right, batch] } as const;
  const around = [integers([0, 0, left, 0, 0, 0, right, 0]), floatConstant(0)];
  const padded = left + right === 0 ? images : builder.op('Pad', [images, ...around], wide, { mode: 'constant' });
  const produces = { dtype: 'float32', shape: [inputChannels, input[0], output[1], batch] } as const;
  return Array.from({ length: kernel[1] }, (_, tap) => {
    const end = tap + (output[1] - 1) * strides[1] + 1;
    const inputs = [[tap], [end], [2], [strides[1]]].map(integers);
    return builder.op('Slice', [padded, ...inputs], produces);
  });
}
