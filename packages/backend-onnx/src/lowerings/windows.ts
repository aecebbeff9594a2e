import { tf, UnlabelError } from '@unlabel/core';
import type { KernelCall } from './kernel';

/** How a window moves over images: extents, steps and zeros around, rows before columns. */
export interface Windows {
  readonly batch: number;
  readonly input: readonly [height: number, width: number];
  readonly output: readonly [height: number, width: number];
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Zeros above, left, below and right. */ readonly pads: readonly [number, number, number, number];
}

type Pad = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];
type Rounding = Parameters<typeof tf.backend_util.computeConv2DInfo>[5];

/** The windows of a convolution. @throws UnlabelError `CAPTURE_UNSUPPORTED_OP` for channels-first calls */
export function convolutionWindows(
  call: KernelCall,
  input: readonly number[],
  filter: readonly number[],
  depthwise = false,
): Windows {
  if ((call.attribute('dataFormat') ?? 'NHWC') !== 'NHWC') {
    throw new UnlabelError(
      'CAPTURE_UNSUPPORTED_OP',
      `${call.kernel} was called with dataFormat '${call.text('dataFormat')}'.`,
      {
        fix: "Call it with 'NHWC'; the graph is channels-first inside all the same.",
      },
    );
  }
  const dilations = call.attribute('dilations') === undefined ? [1, 1] : call.numbers('dilations');
  const info = tf.backend_util.computeConv2DInfo(
    four(input),
    four(filter),
    two(call.numbers('strides')),
    two(dilations),
    padOf(call),
    roundingOf(call),
    depthwise,
  );
  return windowsOf(info);
}

/** The windows of a pooling over images of this shape. */
export function poolingWindows(call: KernelCall, input: readonly number[]): Windows {
  const info = tf.backend_util.computePool2DInfo(
    four(input),
    two(call.numbers('filterSize')),
    two(call.numbers('strides')),
    1,
    padOf(call),
    roundingOf(call),
  );
  return windowsOf(info);
}

/** The shape that tfjs gives the result. */
export function imagesShape(windows: Windows): readonly number[] {
  return [windows.batch, ...windows.output, windows.outputChannels];
}

function windowsOf(info: ReturnType<typeof tf.backend_util.computeConv2DInfo>): Windows {
  const { top, left } = info.padInfo;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  const reach = [(info.filterHeight - 1) * dilationHeight + 1, (info.filterWidth - 1) * dilationWidth + 1] as const;
  const bottom = zerosBehind(info.inHeight, info.outHeight, strideHeight, reach[0], top);
  const right = zerosBehind(info.inWidth, info.outWidth, strideWidth, reach[1], left);
  return {
    batch: info.batchSize,
    input: [info.inHeight, info.inWidth],
    output: [info.outHeight, info.outWidth],
    inputChannels: info.inChannels,
    outputChannels: info.outChannels,
    kernel: [info.filterHeight, info.filterWidth],
    strides: [strideHeight, strideWidth],
    dilations: [dilationHeight, dilationWidth],
    pads: [top, left, bottom, right],
  };
}

/** What the last window covers past the image: tfjs's own numbers contradict its output shapes for oblong kernels. */
function zerosBehind(input: number, output: number, stride: number, reach: number, before: number): number {
  return Math.max(0, (output - 1) * stride + reach - input - before);
}

function padOf(call: KernelCall): Pad {
  const pad = call.attribute('pad');
  if (pad === 'same' || pad === 'valid' || typeof pad === 'number') return pad;
  const [, rows = [0, 0], columns = [0, 0]] = call.pairs('pad');
  return [[0, 0], [...rows], [...columns], [0, 0]];
}

function roundingOf(call: KernelCall): Rounding {
  const mode = call.attribute('dimRoundingMode');
  return mode === 'floor' || mode === 'round' || mode === 'ceil' ? mode : undefined;
}

function two([first = 1, second = first]: readonly number[]): [number, number] {
  return [first, second];
}

function four([a = 1, b = 1, c = 1, d = 1]: readonly number[]): [number, number, number, number] {
  return [a, b, c, d];
}
