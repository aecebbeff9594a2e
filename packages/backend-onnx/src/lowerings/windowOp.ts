import { type GraphBuilder, reshape } from '../graph/builder';
import type { GraphDtype, Value } from '../graph/graph';
import { batchLast, imageShape } from '../graph/imageOrder';

/** An operator whose window moves over images. Lists are rows before columns. */
export interface WindowOp {
  readonly op: 'Conv' | 'ConvTranspose' | 'MaxPool' | 'AveragePool';
  /** `[outputChannels, inputChannels, height, width]`, for convolutions. */ readonly filter?: Value;
  /** tfjs's shape of the result. */ readonly shape: readonly number[];
  /** Element types of the results (default one, float32). */ readonly dtypes?: readonly GraphDtype[];
  /** Lists with one number an axis: `strides`, `dilations`, `kernel_shape`, `output_padding`. */
  readonly perAxis: Readonly<Record<string, readonly number[]>>;
  /** Zeros above, left, below and right (default none). */ readonly pads?: readonly number[];
}

/** What the third axis gets where images have the batch as one: a window that neither spans nor skips anything. */
const alongBatch: Readonly<Record<string, number>> = { output_padding: 0 };

/**
 * Applies a window operator to images in the graph's order. With the batch last, they are one image with a third axis,
 * along which the window is 1 wide.
 */
export function applyWindowOp(builder: GraphBuilder, images: Value, windowOp: WindowOp): readonly Value[] {
  const {
    op,
    filter,
    shape,
    perAxis,
    dtypes = ['float32'],
    pads: [top = 0, left = 0, bottom = 0, right = 0] = [],
  } = windowOp;
  const deep = builder.images === batchLast;
  const extents = imageShape(builder.images, shape);
  const pads = deep ? [top, left, 0, bottom, right, 0] : [top, left, bottom, right];
  const lists = Object.entries(perAxis).map(
    ([name, list]) => [name, deep ? [...list, alongBatch[name] ?? 1] : list] as const,
  );
  const lifted = deep ? reshape(builder, images, [1, ...images.shape]) : images;
  const weights = filter && (deep ? reshape(builder, filter, [...filter.shape, 1]) : filter);
  const produces = dtypes.map((dtype) => ({ dtype, shape: deep ? [1, ...extents] : extents }));
  const attributes = { ...Object.fromEntries(lists), pads };
  const outputs = builder.opWithOutputs(op, weights ? [lifted, weights] : [lifted], produces, attributes);
  return outputs.map((output) => reshape(builder, output, extents));
}

/** As {@link applyWindowOp}, the first result alone. */
export function windowed(builder: GraphBuilder, images: Value, windowOp: WindowOp): Value {
  return applyWindowOp(builder, images, windowOp)[0] ?? images;
}
