import { reshape, scalarConstant, transpose } from '../graph/builder';
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
    if (batchDims > 0) return [plainly(gatherInBatches(call, rows, axis, batchDims), output)];
    const indices = denseValue(builder, call.input('indices'));
    return [plainly(builder.op('Gather', [rows, indices], output, { axis }), output)];
  },
};

function gatherParts(call: KernelCall) {
  const x = call.input('x');
  const indices = call.input('indices');
  const axis = axisAttribute(call, 'axis', x.shape.length);
  const batchDims = call.attribute('batchDims') === undefined ? 0 : call.number('batchDims');
  return { x, indices, axis, batchDims };
}

/** ONNX picks along the axis behind the batches: the axes between the two stand behind it in the meantime. */
function gatherInBatches(call: LoweringCall, x: Value, axis: number, batchDims: number): Value {
  const { builder, output } = call;
  const axes = x.shape.map((_, other) => other);
  const [batches, between, behind] = [axes.slice(0, batchDims), axes.slice(batchDims, axis), axes.slice(axis + 1)];
  const rows = transpose(builder, x, [...batches, axis, ...between, ...behind]);
  const index = longIndices(call, call.input('indices'));
  const picked = index.shape.length - batchDims;
  const shape = [...index.shape, ...rows.shape.slice(batchDims + 1)];
  const pointed = reshape(builder, index, [...index.shape, 1]);
  const found = builder.op('GatherND', [rows, pointed], { dtype: x.dtype, shape }, { batch_dims: batchDims });
  const order = [...batches, ...between.map((other) => other + picked)];
  for (let own = 0; own < picked; own++) order.push(batchDims + own);
  return transpose(builder, found, [...order, ...output.shape.map((_, other) => other).slice(order.length)]);
}

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

/** Indices as ONNX wants them. */
export function longIndices(call: LoweringCall, indices: Lowered): Value {
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

/** Picking by index. */
export const gatherKernels: Kernels = {
  GatherV2: gather,
  GatherNd: gatherNd,
  OneHot: oneHot,
};
