import { sizeOf } from '@unlabel/core';
import {
  type AttributeValue,
  type ConstantData,
  type GraphDtype,
  type GraphNode,
  type OperatorDomain,
  type Origin,
  type Value,
  value,
} from './graph';
import type { ImageOrder } from './imageOrder';

/** What a single-output operator produces. */
export interface Produces {
  readonly dtype: GraphDtype;
  readonly shape: readonly number[];
}

/** What a graph may be made of. */
export type BuilderOptions = Pick<GraphBuilder, 'contrib' | 'images'> & Partial<Pick<GraphBuilder, 'imageBlock'>>;

/** Appends nodes to a graph under construction. Shapes are the caller's to say: ONNX Runtime checks them on loading. */
export interface GraphBuilder {
  readonly nodes: GraphNode[];
  /** What appends to the same nodes, and says of them that they stem from this call. */
  from(origin: Origin): GraphBuilder;
  /** Whether operators of ONNX Runtime's own domain may be used; files for other runtimes must do without. */
  readonly contrib: boolean;
  /** How images lie in memory. */ readonly images: ImageOrder;
  /** How many channels the pass `blockedImages` will put into a block (default 1: it will not run). */
  readonly imageBlock: number;
  op(
    op: string,
    inputs: readonly (Value | undefined)[],
    produces: Produces,
    attributes?: Readonly<Record<string, AttributeValue>>,
  ): Value;
  /** An operator of ONNX Runtime's own domain. */
  contribOp(
    op: string,
    inputs: readonly (Value | undefined)[],
    produces: Produces,
    attributes?: Readonly<Record<string, AttributeValue>>,
  ): Value;
  /** An operator on images in ONNX Runtime's blocked order. */
  blockedOp(
    op: string,
    inputs: readonly (Value | undefined)[],
    produces: Produces,
    attributes?: Readonly<Record<string, AttributeValue>>,
  ): Value;
  /** An operator that the pass `blockedImages` replaces, where `imageBlock` says that it will run. */
  laterOp(
    op: string,
    inputs: readonly (Value | undefined)[],
    produces: Produces,
    attributes?: Readonly<Record<string, AttributeValue>>,
  ): Value;
  /** An operator with several outputs. */
  opWithOutputs(
    op: string,
    inputs: readonly (Value | undefined)[],
    produces: readonly Produces[],
    attributes?: Readonly<Record<string, AttributeValue>>,
  ): readonly Value[];
}

/** An empty graph to append to. */
export function graphBuilder(options: BuilderOptions): GraphBuilder {
  return appending([], options);
}

function appending(nodes: GraphNode[], options: BuilderOptions, origin?: Origin): GraphBuilder {
  const source = origin ? { origin } : {};
  const single =
    (domain?: OperatorDomain): GraphBuilder['op'] =>
    (op, inputs, produces, attributes = {}) => {
      const output = value(produces.dtype, produces.shape);
      nodes.push({ op, ...(domain && { domain }), inputs, outputs: [output], attributes, ...source });
      return output;
    };
  return {
    nodes,
    from: (call) => appending(nodes, options, call),
    contrib: options.contrib,
    images: options.images,
    imageBlock: options.imageBlock ?? 1,
    op: single(),
    contribOp: single('com.microsoft'),
    blockedOp: single('com.microsoft.nchwc'),
    laterOp: single('unlabel'),
    opWithOutputs: (op, inputs, produces, attributes = {}) => {
      const outputs = produces.map(({ dtype, shape }) => value(dtype, shape));
      nodes.push({ op, inputs, outputs, attributes, ...source });
      return outputs;
    },
  };
}

/** A float32 scalar constant. */
export function floatConstant(number: number): Value {
  return value('float32', [], Float32Array.of(number));
}

/** A 1-D int64 constant: a shape, axes, offsets. */
export function integers(numbers: readonly number[]): Value {
  return value('int64', [numbers.length], BigInt64Array.from(numbers, BigInt));
}

/** A scalar constant of any element type. */
export function scalarConstant(dtype: GraphDtype, number: number): Value {
  return value(dtype, [], filled(dtype, 1, number));
}

/** A constant with the same value everywhere. */
export function filled(dtype: GraphDtype, length: number, number: number): ConstantData {
  if (dtype === 'float32') return new Float32Array(length).fill(number);
  if (dtype === 'int32') return new Int32Array(length).fill(number);
  if (dtype === 'int64') return new BigInt64Array(length).fill(BigInt(number));
  return new Uint8Array(length).fill(number);
}

/** The same elements under another shape; costs nothing at run time. */
export function reshape(builder: GraphBuilder, input: Value, shape: readonly number[]): Value {
  if (sameShape(input.shape, shape)) return input;
  if (input.constant && sizeOf(input.shape) === sizeOf(shape)) return value(input.dtype, shape, input.constant);
  return builder.op('Reshape', [input, integers(shape)], { dtype: input.dtype, shape });
}

/** The node that gives `from` the shape of `to`, for passes that keep a value's readers. */
export function reshaping(from: Value, to: Value): GraphNode {
  return { op: 'Reshape', inputs: [from, integers(to.shape)], outputs: [to], attributes: {} };
}

/** Axes in another order; a view where only axes of extent 1 move. */
export function transpose(builder: GraphBuilder, input: Value, permutation: readonly number[]): Value {
  const shape = permutation.map((axis) => input.shape[axis] ?? 1);
  const moved = permutation.filter((axis) => input.shape[axis] !== 1);
  if (moved.every((axis, index) => index === 0 || (moved[index - 1] ?? -1) < axis))
    return reshape(builder, input, shape);
  if (input.constant instanceof Float32Array) {
    return value(input.dtype, shape, transposed(input.constant, input.shape, permutation));
  }
  return builder.op('Transpose', [input], { dtype: input.dtype, shape }, { perm: permutation });
}

function transposed(data: Float32Array, shape: readonly number[], permutation: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const extents = permutation.map((axis) => shape[axis] ?? 1);
  const steps = permutation.map((axis) => strides[axis] ?? 1);
  return Float32Array.from({ length: data.length }, (_, index) => {
    let rest = index;
    let from = 0;
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      const extent = extents[axis] ?? 1;
      from += (rest % extent) * (steps[axis] ?? 1);
      rest = Math.floor(rest / extent);
    }
    return data[from] ?? 0;
  });
}

/** Repeats `input` along its axes of extent 1 until it has this shape. */
export function expand(builder: GraphBuilder, input: Value, shape: readonly number[]): Value {
  if (sameShape(input.shape, shape)) return input;
  return builder.op('Expand', [input, integers(shape)], { dtype: input.dtype, shape });
}

/** Whether two shapes agree in every extent. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}
