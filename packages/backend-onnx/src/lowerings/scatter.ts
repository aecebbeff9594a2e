import { sizeOf } from '@unlabel/core';
import { expand, integers, reshape, scalarConstant } from '../graph/builder';
import { dataType, type Value, value } from '../graph/graph';
import { denseValue, type Lowered, plainly } from '../graph/lowered';
import { longIndices } from './gather';
import type { Kernel, Kernels, LoweringCall } from './kernel';

/** Sums of the rows that share a segment, which is the gradient of a gather; ids outside of the segments do not count. */
const segmentSum: Kernel = {
  infer: (call) => {
    const { shape, dtype } = call.input('x');
    return [{ dtype, shape: [call.number('numSegments'), ...shape.slice(call.input('segmentIds').shape.length)] }];
  },
  lower: (call) => {
    const [count = 0, ...row] = call.output.shape;
    const ids = denseValue(call.builder, call.input('segmentIds'));
    const length = sizeOf(ids.shape);
    const rows = reshape(call.builder, denseValue(call.builder, call.input('x')), [length, ...row]);
    return [plainly(sumSegments(call, reshape(call.builder, ids, [length]), rows, count), call.output)];
  },
};

/**
 * Row s of the result is the sum of the rows whose id is s.
 * @param ids `[length]`, int32
 * @param rows `[length, ...]`
 */
function sumSegments(call: LoweringCall, ids: Value, rows: Value, count: number): Value {
  const { builder } = call;
  const [length = 0, ...row] = rows.shape;
  const truth = { dtype: 'bool', shape: ids.shape } as const;
  const below = builder.op('Less', [ids, scalarConstant('int32', count)], truth);
  const inside = builder.op(
    'And',
    [below, builder.op('GreaterOrEqual', [ids, scalarConstant('int32', 0)], truth)],
    truth,
  );
  const segment = builder.op('Where', [inside, ids, scalarConstant('int32', 0)], ids);
  const column = reshape(builder, inside, [length, ...row.map(() => 1)]);
  const counted = builder.op('Where', [column, rows, scalarConstant(rows.dtype, 0)], rows);
  const index = builder.op('Cast', [segment], { dtype: 'int64', shape: ids.shape }, { to: dataType.int64 });
  const zeros = expand(builder, scalarConstant(rows.dtype, 0), [count, ...row]);
  return builder.op('ScatterND', [zeros, reshape(builder, index, [length, 1]), counted], zeros, { reduction: 'add' });
}

/** How often each number below `size` occurs, or the sum of the weights that stand beside it. */
const bincount: Kernel = {
  infer: (call) => [{ dtype: call.input('weights').dtype, shape: [call.number('size')] }],
  lower: (call) => {
    const numbers = denseValue(call.builder, call.input('x'));
    return [plainly(sumSegments(call, numbers, weightsOf(call), call.number('size')), call.output)];
  },
};

/** As `bincount`, for a vector or for each row of a matrix; with `binaryOutput`, whether a number occurs. */
const denseBincount: Kernel = {
  infer: (call) => [
    { dtype: call.input('weights').dtype, shape: [...call.input('x').shape.slice(0, -1), call.number('size')] },
  ],
  lower: (call) => {
    const { builder, output } = call;
    const x = call.input('x');
    const size = call.number('size');
    const [length = 1, rows = 1] = x.shape.toReversed();
    const numbers = reshape(builder, denseValue(builder, x), [rows, length]);
    const truth = { dtype: 'bool', shape: numbers.shape } as const;
    const below = builder.op('Less', [numbers, scalarConstant('int32', size)], truth);
    const firstOfRow = value(
      'int32',
      [rows, 1],
      Int32Array.from({ length: rows }, (_, row) => row * size),
    );
    const placed = builder.op('Add', [numbers, firstOfRow], numbers);
    const ids = builder.op('Where', [below, placed, scalarConstant('int32', -1)], numbers);
    const sums = sumSegments(call, reshape(builder, ids, [rows * length]), weightsOf(call), rows * size);
    if (!call.flag('binaryOutput')) return [plainly(reshape(builder, sums, output.shape), output)];
    const occurs = builder.op('Greater', [sums, scalarConstant(sums.dtype, 0)], { dtype: 'bool', shape: sums.shape });
    const ones = builder.op('Cast', [occurs], sums, { to: dataType[output.dtype] });
    return [plainly(reshape(builder, ones, output.shape), output)];
  },
};

/** One weight for each number: 1 where tfjs was given none, or only asks whether there are any. */
function weightsOf(call: LoweringCall): Value {
  const weights = call.input('weights');
  const length = sizeOf(call.input('x').shape);
  const given = sizeOf(weights.shape) > 0 && !call.flag('binaryOutput');
  const each = given ? denseValue(call.builder, weights) : scalarConstant(weights.dtype, 1);
  return given ? reshape(call.builder, each, [length]) : expand(call.builder, each, [length]);
}

const scatterNd: Kernel = {
  infer: (call) => [{ dtype: call.input('updates').dtype, shape: call.numbers('shape') }],
  lower: (call) => {
    const zeros = expand(call.builder, scalarConstant(call.output.dtype, 0), call.output.shape);
    return [scattered(call, zeros, call.input('indices'), call.input('updates'), { reduction: 'add' })];
  },
};

const tensorScatterUpdate: Kernel = {
  infer: (call) => [call.input('tensor')],
  lower: (call) => [
    scattered(call, denseValue(call.builder, call.input('tensor')), call.input('indices'), call.input('updates')),
  ],
};

const sparseToDense: Kernel = {
  infer: (call) => [{ dtype: call.input('sparseValues').dtype, shape: call.numbers('outputShape') }],
  lower: (call) => {
    const base = expand(call.builder, denseValue(call.builder, call.input('defaultValue')), call.output.shape);
    return [scattered(call, base, call.input('sparseIndices'), call.input('sparseValues'))];
  },
};

/** Rows put in the place of others, or added to them, at the indices in the last axis; of a vector, each is an index. */
function scattered(
  call: LoweringCall,
  base: Value,
  indices: Lowered,
  updates: Lowered,
  attributes: Readonly<Record<string, string>> = {},
): Lowered {
  const { builder, output } = call;
  const depth = indices.shape.length > 1 ? (indices.shape.at(-1) ?? 1) : 1;
  const count = sizeOf(indices.shape) / depth;
  const index = reshape(builder, longIndices(call, indices), [count, depth]);
  const shape = [count, ...output.shape.slice(depth)];
  const dense = denseValue(builder, updates);
  const rows = sizeOf(dense.shape) === sizeOf(shape) ? reshape(builder, dense, shape) : expand(builder, dense, shape);
  return plainly(builder.op('ScatterND', [base, index, rows], output, attributes), output);
}

/** A square matrix with a vector on its diagonal; for tensors of more axes, both halves of the axes agree there. */
const diagonal: Kernel = {
  infer: (call) => {
    const { shape, dtype } = call.input('x');
    return [{ dtype, shape: [...shape, ...shape] }];
  },
  lower: (call) => {
    const { builder, output } = call;
    const length = sizeOf(call.input('x').shape);
    const places = Array.from({ length }, (_, place) => place);
    const pairs = reshape(builder, integers(places.flatMap((place) => [place, place])), [length, 2]);
    const zeros = expand(builder, scalarConstant(output.dtype, 0), [length, length]);
    const vector = reshape(builder, denseValue(builder, call.input('x')), [length]);
    return [plainly(reshape(builder, builder.op('ScatterND', [zeros, pairs, vector], zeros), output.shape), output)];
  },
};

/** Placing by index. */
export const scatterKernels: Kernels = {
  UnsortedSegmentSum: segmentSum,
  ScatterNd: scatterNd,
  TensorScatterUpdate: tensorScatterUpdate,
  SparseToDense: sparseToDense,
  Bincount: bincount,
  DenseBincount: denseBincount,
  Diag: diagonal,
};
