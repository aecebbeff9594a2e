import { sizeOf, tf, UnlabelError } from '@unlabel/core';
import type { KernelCall } from './kernel';

/** How a window moves over volumes: extents, steps and zeros around, in the order depth, rows, columns. */
export interface VolumeWindows {
  readonly batch: number;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Zeros before along each axis, then behind. */ readonly pads: readonly number[];
  /** What strides leave over behind the last window along each axis. */ readonly rest: readonly number[];
}

type Info = ReturnType<typeof tf.backend_util.computeConv3DInfo>;
type Pad = Parameters<typeof tf.backend_util.computeConv3DInfo>[4];

/** The windows of a convolution of volumes. @throws UnlabelError `CAPTURE_UNSUPPORTED_OP` */
export function volumeConvolution(
  call: KernelCall,
  input: readonly number[],
  filter: readonly number[],
): VolumeWindows {
  const dilations = call.attribute('dilations') === undefined ? 1 : three(call.numbers('dilations'));
  const strides = three(call.numbers('strides'));
  return windowsOf(call, tf.backend_util.computeConv3DInfo(five(input), five(filter), strides, dilations, padOf(call)));
}

/** The windows of a pooling of volumes. @throws UnlabelError `CAPTURE_UNSUPPORTED_OP` */
export function volumePooling(call: KernelCall, input: readonly number[]): VolumeWindows {
  const [filterSize, strides] = [three(call.numbers('filterSize')), three(call.numbers('strides'))];
  const mode = call.attribute('dimRoundingMode');
  const rounding = mode === 'floor' || mode === 'round' || mode === 'ceil' ? mode : undefined;
  return windowsOf(call, tf.backend_util.computePool3DInfo(five(input), filterSize, strides, 1, padOf(call), rounding));
}

/** The shape that tfjs gives the result. */
export function volumesShape({ batch, output, outputChannels }: VolumeWindows): readonly number[] {
  return [batch, ...output, outputChannels];
}

function windowsOf(call: KernelCall, info: Info): VolumeWindows {
  const kernel = [info.filterDepth, info.filterHeight, info.filterWidth];
  const strides = [info.strideDepth, info.strideHeight, info.strideWidth];
  const dilations = [info.dilationDepth, info.dilationHeight, info.dilationWidth];
  const input = [info.inDepth, info.inHeight, info.inWidth];
  const output = [info.outDepth, info.outHeight, info.outWidth];
  const before = [info.padInfo.front, info.padInfo.top, info.padInfo.left];
  const behind = input.map((extent, axis) => {
    const reach = ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
    return ((output[axis] ?? 1) - 1) * (strides[axis] ?? 1) + reach - extent - (before[axis] ?? 0);
  });
  requireVolumes(call, info, before);
  return {
    batch: info.batchSize,
    input,
    output,
    inputChannels: info.inChannels,
    outputChannels: info.outChannels,
    kernel,
    strides,
    dilations,
    pads: [...before, ...behind.map((room) => Math.max(0, room))],
    rest: behind.map((room) => Math.max(0, -room)),
  };
}

function requireVolumes(call: KernelCall, info: Info, before: readonly number[]): void {
  if ((call.attribute('dataFormat') ?? 'NDHWC') !== 'NDHWC') {
    throw new UnlabelError(
      'CAPTURE_UNSUPPORTED_OP',
      `${call.kernel} was called with dataFormat '${call.text('dataFormat')}'.`,
      {
        fix: "Call it with 'NDHWC'.",
      },
    );
  }
  if (before.every((room) => room >= 0) && sizeOf(info.outShape) > 0) return;
  throw new UnlabelError(
    'CAPTURE_UNSUPPORTED_OP',
    `${call.kernel} was called with pad '${String(call.attribute('pad'))}' and strides longer than its windows.`,
    { fix: "Pad with 'valid'." },
  );
}

function padOf(call: KernelCall): Pad {
  const pad = call.attribute('pad');
  return pad === 'same' || pad === 'valid' ? pad : call.number('pad');
}

function three([first = 1, second = first, third = first]: readonly number[]): [number, number, number] {
  return [first, second, third];
}

function five([a = 1, b = 1, c = 1, d = 1, e = 1]: readonly number[]): [number, number, number, number, number] {
  return [a, b, c, d, e];
}
