import { type FusedKernel, tf } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';
import { forRows, tile, tileLoader, tileProduct, tiles, tileThreads } from './matrixTile';
import { onlineLogSumExp, onlineSums } from './onlineLogSumExp';

/**
 * The denominators of contrastive losses, from tiles of similarities that are computed again for the gradient and never
 * stored: memory is O(rows · dim).
 */
export function rowLogSumExpKernel(dispatcher: Dispatcher): FusedKernel<'rowLogSumExp'> {
  return {
    accepts: ({ queries, keys }) => queries.size > 0 && keys.size > 0,
    forward: ({ queries, keys }) => {
      const value = logSumExps(dispatcher, queries, keys);
      return [value, value];
    },
    backward: (dy, { queries, keys }, [value = dy], { constantKeys }) => {
      const statistics = tf.concat([value, dy]);
      const half = value.size;
      const gradient = weightedSums(dispatcher, queries, keys, statistics, { row: 0, half });
      if (constantKeys) return { queries: gradient };
      return { queries: gradient, keys: weightedSums(dispatcher, keys, queries, statistics, { column: 0, half }) };
    },
  };
}

export function bothLogSumExpKernel(dispatcher: Dispatcher): FusedKernel<'bothLogSumExp'> {
  return {
    accepts: ({ queries, keys }) => queries.size > 0 && keys.size > 0,
    forward: ({ queries, keys }) => {
      const sides = [logSumExps(dispatcher, queries, keys), logSumExps(dispatcher, keys, queries)];
      const value = tf.concat(sides);
      return [value, value];
    },
    backward: (dy, { queries, keys }, [value = dy]) => {
      const statistics = tf.concat([value, dy]);
      const [rows = 0] = queries.shape;
      const half = value.size;
      return {
        queries: weightedSums(dispatcher, queries, keys, statistics, { row: 0, column: rows, half }),
        keys: weightedSums(dispatcher, keys, queries, statistics, { row: rows, column: 0, half }),
      };
    },
  };
}

/** lseᵢ = log Σⱼ exp(aᵢ·bⱼ), `[rows]`. */
function logSumExps(dispatcher: Dispatcher, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const [rows = 0, dim = 0] = a.shape;
  const [columns = 0] = b.shape;
  const [lse = a] = dispatcher.run(forward, {
    inputs: [a, b],
    outputs: [[rows]],
    uniforms: { rows, columns, dim },
    groups: Math.ceil(rows / tile),
    work: rows * columns * dim,
  });
  return lse;
}

/** Where the statistics of rows and of columns begin among all; one of the two may have none. */
interface Sides {
  readonly row?: number;
  readonly column?: number;
  /** Number of log-sum-exps; their gradients follow. */ readonly half: number;
}

/**
 * Σⱼ wᵢⱼ bⱼ, `[rows, dim]`, with wᵢⱼ = gᵢ exp(aᵢ·bⱼ − lseᵢ) + gⱼ exp(aᵢ·bⱼ − lseⱼ): the gradient with respect to a.
 * @param statistics lse of whatever has one, then the gradient g of each
 */
function weightedSums(
  dispatcher: Dispatcher,
  a: tf.Tensor,
  b: tf.Tensor,
  statistics: tf.Tensor,
  { row, column, half }: Sides,
): tf.Tensor {
  const [rows = 0, dim = 0] = a.shape;
  const [columns = 0] = b.shape;
  const parts = Math.ceil(dim / dimsAtOnce);
  const [sums = a] = dispatcher.run(backward, {
    inputs: [a, b, statistics],
    outputs: [a.shape],
    uniforms: {
      rows,
      columns,
      dim,
      parts,
      half,
      rowAt: row ?? 0,
      columnAt: column ?? 0,
      byRow: Number(row !== undefined),
      byColumn: Number(column !== undefined),
    },
    groups: Math.ceil(rows / tile) * parts,
    work: rows * columns * (dim * parts + dim),
  });
  return sums;
}

/** `fn similarities`: aᵢ·bⱼ of a tile, 0 outside of `a` and `b`. */
const similarityTile = `${tiles}
${tileLoader('loadRows', 'rowTile', { array: 'a', rows: 'u.rows', at: 'row * u.dim' })}
${tileLoader('loadColumns', 'columnTile', { array: 'b', rows: 'u.columns', at: 'row * u.dim' })}
${tileProduct('similarities', 'loadRows', 'loadColumns')}

// Which of four columns are within the matrix.
fn counted(column0: u32, thread: u32) -> vec4<bool> {
  return vec4(column0 + thread % 8u) + vec4(0u, 8u, 16u, 24u) < vec4(u.columns);
}`;

const extents = { rows: 'u32', columns: 'u32', dim: 'u32' } as const;

const forward: Program = {
  name: 'log-sum-exp of similarities',
  workgroup: tileThreads,
  inputs: { a: 'f32', b: 'f32' },
  outputs: { lse: 'f32' },
  uniforms: extents,
  code: `${similarityTile}
${onlineSums}

fn main(group: u32, thread: u32) {
  ${onlineLogSumExp({ rows: 'u.rows', columns: 'u.columns', counts: () => 'counted(column0, thread)' })}
  lse[row] = all;
}`,
};

/** Dims that a workgroup sums up: sixteen numbers for each of an invocation's four rows. */
const dimsAtOnce = 128;
const pieces = [0, 1, 2, 3];

const backward: Program = {
  name: 'gradient of log-sum-exp of similarities',
  workgroup: tileThreads,
  inputs: { a: 'f32', b: 'f32', statistics: 'f32' },
  outputs: { da: 'f32' },
  uniforms: { ...extents, parts: 'u32', half: 'u32', rowAt: 'u32', columnAt: 'u32', byRow: 'u32', byColumn: 'u32' },
  code: `${similarityTile}
var<workgroup> weights: array<f32, 1024>;

fn columnWeights(s: vec4<f32>, column0: u32, tx: u32) -> vec4<f32> {
  var w = vec4(0.0);
  for (var c = 0u; c < 4u; c++) {
    let column = column0 + tx + 8u * c;
    if (column < u.columns) {
      let at = u.columnAt + column;
      w[c] = statistics[u.half + at] * exp(s[c] - statistics[at]);
    }
  }
  return w;
}

fn main(group: u32, thread: u32) {
  let firstRow = (group / u.parts) * ${tile}u;
  let dim0 = (group % u.parts) * ${dimsAtOnce}u;
  let ty = thread / 8u;
  let tx = thread % 8u;
  ${forRows(
    (r) => `
  let row${r} = firstRow + ty + ${8 * r}u;
  var lse${r} = 0.0;
  var g${r} = 0.0;
  if (u.byRow == 1u && row${r} < u.rows) {
    lse${r} = statistics[u.rowAt + row${r}];
    g${r} = statistics[u.half + u.rowAt + row${r}];
  }
  ${pieces.map((piece) => `var sum${r}_${piece} = vec4(0.0);`).join(' ')}`,
  )}
  for (var column0 = 0u; column0 < u.columns; column0 += ${tile}u) {
    let s = similarities(firstRow, column0, thread);
    let valid = counted(column0, thread);
    ${forRows(
      (r) => `
    var w${r} = vec4(0.0);
    if (u.byRow == 1u) { w${r} = g${r} * exp(s[${r}] - lse${r}); }
    if (u.byColumn == 1u) { w${r} += columnWeights(s[${r}], column0, tx); }
    w${r} = select(vec4(0.0), w${r}, valid);
    for (var c = 0u; c < 4u; c++) { weights[(ty + ${8 * r}u) * 32u + tx + 8u * c] = w${r}[c]; }`,
    )}
    ${pieces
      .map(
        (piece) => `
    workgroupBarrier();
    loadColumns(column0, dim0 + ${32 * piece}u, thread);
    workgroupBarrier();
    if (dim0 + ${32 * piece}u < u.dim) {
      for (var j = 0u; j < ${tile}u; j++) {
        let key = columnTile[j * 8u + tx];
        ${forRows((r) => `sum${r}_${piece} += weights[(ty + ${8 * r}u) * 32u + j] * key;`)}
      }
    }`,
      )
      .join('\n')}
  }
  ${forRows((r) =>
    pieces
      .map(
        (piece) => `
  for (var c = 0u; c < 4u; c++) {
    let d = dim0 + ${32 * piece}u + 4u * tx + c;
    if (row${r} < u.rows && d < u.dim) { da[row${r} * u.dim + d] = sum${r}_${piece}[c]; }
  }`,
      )
      .join('\n'),
  )}
}`,
};
