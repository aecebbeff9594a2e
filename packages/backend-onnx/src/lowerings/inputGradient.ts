import { expand, floatConstant, type GraphBuilder, integers, reshape, sameShape, transpose } from '../graph/builder';
import type { Value } from '../graph/graph';
import { batchLast } from '../graph/imageOrder';
import { windowed } from './windowOp';
import type { Windows } from './windows';

/**
 * The gradient of a convolution with respect to its images (without dilation: tfjs has no gradient of those).
 *
 * Pixels whose position agrees modulo the stride receive from the same taps, so each such *phase* is a small convolution
 * of `dy`, and the phases interlock to the whole. At stride 1 there is one phase: the filter turned by 180°. Exported
 * encoders, which have channels first, leave that to ONNX's own operator.
 * @param dy in the graph's image order
 * @param filter `[height, width, inputChannels, outputChannels]`
 */
export function inputGradient(builder: GraphBuilder, dy: Value, filter: Value, windows: Windows): Value {
  if (builder.images !== batchLast) return transposedConvolution(builder, dy, filter, windows);
  const [rows, columns] = [phasesOf(windows, 0), phasesOf(windows, 1)];
  const lines = rows.map((down) =>
    interlock(
      builder,
      columns.map((across) => phase(builder, dy, filter, windows, [down, across])),
      2,
    ),
  );
  const { input, inputChannels, batch } = windows;
  const whole = interlock(builder, lines, 1);
  return whole
    ? cut(builder, whole, [0, 0], input)
    : expand(builder, floatConstant(0), [inputChannels, ...input, batch]);
}

function transposedConvolution(builder: GraphBuilder, dy: Value, filter: Value, windows: Windows): Value {
  const { input, output, kernel, strides, pads, batch, inputChannels } = windows;
  const rest = input.map((extent, axis) => {
    const covered = ((output[axis] ?? 1) - 1) * (strides[axis] ?? 1) + (kernel[axis] ?? 1);
    return extent + (pads[axis] ?? 0) + (pads[axis + 2] ?? 0) - covered;
  });
  return windowed(builder, dy, {
    op: 'ConvTranspose',
    filter: transpose(builder, filter, [3, 2, 0, 1]),
    shape: [batch, ...input, inputChannels],
    perAxis: { strides, output_padding: rest },
    pads,
  });
}

/** The taps that reach the pixels of one phase along one axis, and where they read `dy`. */
interface Phase {
  /** Taps in the order in which a convolution reads them. */ readonly taps: readonly number[];
  /** Zeros in front of `dy` (less than 0: pixels to leave out). */ readonly before: number;
  /** The same behind. */ readonly after: number;
}

/** Pixel `stride·m + offset` gets tap k from `dy` at m + (offset + pad − k)/stride, where that is whole. */
function phasesOf({ input, output, kernel, strides, pads }: Windows, axis: 0 | 1): readonly Phase[] {
  const stride = strides[axis];
  const extent = Math.ceil(input[axis] / stride);
  return Array.from({ length: stride }, (_, offset) => {
    const shift = (tap: number) => (offset + pads[axis] - tap) / stride;
    const taps = Array.from({ length: kernel[axis] }, (_, tap) => tap).filter((tap) => Number.isInteger(shift(tap)));
    const [first = 0] = taps;
    const last = taps.at(-1) ?? 0;
    return { taps: taps.toReversed(), before: -shift(last), after: extent - output[axis] + shift(first) };
  });
}

/** The pixels of one phase, `[inputChannels, height / stride, width / stride, batch]`; none if no tap reaches them. */
function phase(
  builder: GraphBuilder,
  dy: Value,
  filter: Value,
  windows: Windows,
  phases: readonly [Phase, Phase],
): Value | undefined {
  const { batch, inputChannels, input, strides } = windows;
  const [down, across] = phases;
  if (down.taps.length === 0 || across.taps.length === 0) return undefined;
  const extents = input.map((extent, axis) => Math.ceil(extent / (strides[axis] ?? 1)));
  const weights = transpose(builder, pick(builder, filter, [down.taps, across.taps]), [2, 3, 0, 1]);
  return windowed(builder, trim(builder, dy, phases), {
    op: 'Conv',
    filter: weights,
    shape: [batch, ...extents, inputChannels],
    perAxis: { strides: [1, 1] },
    pads: [down.before, across.before, down.after, across.after].map((pad) => Math.max(0, pad)),
  });
}

/** The taps of a phase out of the filter, in their order. */
function pick(builder: GraphBuilder, filter: Value, taps: readonly (readonly number[])[]): Value {
  return taps.reduce((picked, list, axis) => {
    const inOrder = list.every((tap, index) => tap === index) && list.length === picked.shape[axis];
    if (inOrder) return picked;
    const shape = picked.shape.with(axis, list.length);
    return builder.op('Gather', [picked, integers(list)], { dtype: 'float32', shape }, { axis });
  }, filter);
}

/** `dy` without the pixels that no tap of the phase reads. */
function trim(builder: GraphBuilder, dy: Value, phases: readonly Phase[]): Value {
  const from = phases.map(({ before }) => Math.max(0, -before));
  const to = phases.map(({ after }, axis) => (dy.shape[axis + 1] ?? 1) + Math.min(0, after));
  return cut(builder, dy, from, to);
}

/** Phases side by side along an axis (1: rows, 2: columns): pixel 0 of each, then pixel 1 of each, … */
function interlock(builder: GraphBuilder, phases: readonly (Value | undefined)[], axis: 1 | 2): Value | undefined {
  const [first, ...others] = phases;
  const shape = phases.find((value) => value !== undefined)?.shape;
  if (!shape || (first && others.length === 0)) return first;
  const apart = shape.toSpliced(axis + 1, 0, 1);
  const produces = { dtype: 'float32', shape: apart.with(axis + 1, phases.length) } as const;
  const woven = shape.with(axis, (shape[axis] ?? 1) * phases.length);
  if (first && others.every((value) => value === undefined)) {
    const behind = apart.map((_, other) => (other === axis + 1 ? others.length : 0));
    const around = integers([...apart.map(() => 0), ...behind]);
    const padded = builder.op('Pad', [reshape(builder, first, apart), around, floatConstant(0)], produces);
    return reshape(builder, padded, woven);
  }
  const parts = phases.map((value) =>
    value ? reshape(builder, value, apart) : expand(builder, floatConstant(0), apart),
  );
  return reshape(builder, builder.op('Concat', parts, produces, { axis: axis + 1 }), woven);
}

/** Rows and columns `from` … `to` − 1 of batch-last images. */
function cut(builder: GraphBuilder, images: Value, from: readonly number[], to: readonly number[]): Value {
  const shape = images.shape.map((extent, axis) =>
    axis === 1 || axis === 2 ? (to[axis - 1] ?? 0) - (from[axis - 1] ?? 0) : extent,
  );
  if (sameShape(shape, images.shape)) return images;
  return builder.op('Slice', [images, integers(from), integers(to), integers([1, 2])], { dtype: 'float32', shape });
}
