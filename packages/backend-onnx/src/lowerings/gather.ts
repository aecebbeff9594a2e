import { UnlabelError } from '@unlabel/core';
import { expand, reshape, scalarConstant } from '../graph/builder';
import { dataType, type Value, value } from '../graph/graph';
import { denseValue, type Lowered, plainly } from '../graph/lowered';
import { axisAttribute } from './axes';
import { castTo } from './elementwise';
import { dtypeAttribute, type Kernel, type KernelCall, type Kernels, type LoweringCall } from './kernel';

/** Rows (or slices along another axis) picked by index; with `batchDims`, from each batch's own rows. */
const gather: Kernel = {
  infer: (call) => {
    const { x, indices, axis, batchDims } = gatherParts(call);
    return [
      {
        dtype: x.dtype,
        shape: [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)],
      },
    ];
  },
  lower: (call) => {
    const { builder, output } = call;
    const { axis, batchDims } = gatherParts(call);
    const rows = denseValue(builder, call.input('x'));
    if (batchDims === 0)
      return [
        plainly(builder.op('Gather', [rows, denseValue(builder, call.input('indices'))], output, { axis }), output),
      ];
    const index = longIndices(call, call.input('indices'));
    const pointed = reshape(builder, index, [...index.shape, 1]);
    return [plainly(builder.op('GatherND', [rows, pointed], output, { batch_dims: batchDims }), output)];
  },
};

function gatherParts(call: KernelCall) {
  const x = call.input('x');
  const indices = call.input('indices');
  const axis = axisAttribute(call, 'axis', x.shape.length);
  const batchDims = call.attribute('batchDims') === undefined ? 0 : call.number('batchDims');
  if (batchDims === 0 || batchDims === axis) return { x, indices, axis, batchDims };
  throw new UnlabelError(
    'CAPTURE_UNSUPPORTED_OP',
    `tf.gather with batchDims ${batchDims} along axis ${axis} has no ONNX operator.`,
    {
      fix: 'Transpose first, so that axis equals batchDims.',
    },
  );
}

/** Sums of the rows that share a segment: the gradient of a gather. */
const segmentSum: Kernel = {
  infer: (call) => {
    const { shape, dtype } = call.input('x');
    return [{ dtype, shape: [call.number('numSegments'), ...shape.slice(call.input('segmentIds').shape.length)] }];
  },
  lower: (call) => {
    const index = longIndices(call, call.input('segmentIds'));
    return [scatterAdd(call, reshape(call.builder, index, [...index.shape, 1]), call.input('x'))];
  },
};

const gatherNd: Kernel = {
  infer: (call) => {
    const { shape, dtype } = call.input('params');
    const index = call.input('indices').shape;
    return [{ dtype, shape: [...index.slice(0, -1), ...shape.slice(index.at(-1) ?? 0)] }];
  },
  lower: (call) => {
    const rows = denseValue(call.builder, call.input('params'));
    return [
      plainly(call.builder.op('GatherND', [rows, longIndices(call, call.input('indices'))], call.output), call.output),
    ];
  },
};

const scatterNd: Kernel = {
  infer: (call) => [{ dtype: call.input('updates').dtype, shape: call.numbers('shape') }],
  lower: (call) => [scatterAdd(call, longIndices(call, call.input('indices')), call.input('updates'))],
};

/** Adds rows into zeros at the indices in the last axis. */
function scatterAdd(call: LoweringCall, indices: Value, updates: Lowered): Lowered {
  const { builder, output } = call;
  const zeros = expand(builder, scalarConstant(output.dtype, 0), output.shape);
  const inputs = [zeros, indices, denseValue(builder, updates)];
  return plainly(builder.op('ScatterND', inputs, output, { reduction: 'add' }), output);
}

function longIndices(call: LoweringCall, indices: Lowered): Value {
  const dense = denseValue(call.builder, indices);
  return call.builder.op('Cast', [dense], { dtype: 'int64', shape: dense.shape }, { to: dataType.int64 });
}

/** Compared with 0 … depth − 1: ONNX's own OneHot would wrap negative indices around. */
const oneHot: Kernel = {
  infer: (call) => [
    { dtype: dtypeAttribute(call, 'dtype'), shape: [...call.input('indices').shape, call.number('depth')] },
  ],
  lower: (call) => {
    const { builder, output } = call;
    const depth = call.number('depth');
    const indices = denseValue(builder, call.input('indices'));
    const classes = value(
      'int32',
      [depth],
      Int32Array.from({ length: depth }, (_, index) => index),
    );
    const column = reshape(builder, indices, [...indices.shape, 1]);
    const hit = plainly(builder.op('Equal', [column, classes], { dtype: 'bool', shape: output.shape }), {
      ...output,
      dtype: 'bool',
    });
    const [on, off] = [call.number('onValue'), call.number('offValue')];
    if (on === 1 && off === 0) return [castTo(call, hit, output.dtype)];
    const chosen = builder.op(
      'Where',
      [hit.value, scalarConstant(output.dtype, on), scalarConstant(output.dtype, off)],
      output,
    );
    return [plainly(chosen, output)];
  },
};

/** Picking and placing by index. */
export const gatherKernels: Kernels = {
  GatherV2: gather,
  GatherNd: gatherNd,
  UnsortedSegmentSum: segmentSum,
  ScatterNd: scatterNd,
  OneHot: oneHot,
};
