/**
 * How images lie in memory inside of a graph, whatever tfjs believes: both permutations are of axes, to the order and
 * back to tfjs's `[batch, height, width, channels]`.
 */
export interface ImageOrder {
  readonly fromPlain: readonly [number, number, number, number];
  readonly toPlain: readonly [number, number, number, number];
}

/**
 * `[channels, height, width, batch]`, for training. A pixel is a run of the whole batch, so windows move by copying long
 * runs without borders, statistics of a channel are sums of one contiguous row, and the gradient of a filter is one
 * product of matrices; ONNX Runtime's convolution is faster on it, too.
 */
export const batchLast: ImageOrder = { fromPlain: [3, 1, 2, 0], toPlain: [3, 1, 2, 0] };

/** `[batch, channels, height, width]`, ONNX's own, for exported encoders. */
export const channelsFirst: ImageOrder = { fromPlain: [0, 3, 1, 2], toPlain: [0, 2, 3, 1] };

/** The extents of images in an order. */
export function imageShape(order: ImageOrder, plain: readonly number[]): readonly number[] {
  return order.fromPlain.map((axis) => plain[axis] ?? 1);
}
