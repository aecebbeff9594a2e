import { type FusedKernel, type FusedOps, tf } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';
import { forRows, type MatrixRows, tile, tileLoader, tileProduct, tiles, tileThreads } from './matrixTile';
import { onlineLogSumExp, onlineSums } from './onlineLogSumExp';

/**
 * NT-Xent from rows as they are: similarities are computed in tiles, again for the gradient, and never stored, and rows are
 * divided by their norms where they are read. Memory is O(rows · dim), the gradient's own.
 */
export function ntXentKernel(dispatcher: Dispatcher): FusedKernel<'ntXent'> {
  return {
    accepts: ({ z }) => z.size > 0,
    forward: ({ z, temperature }, attributes) => {
      const { rows, uniforms, ...call } = extents(z, attributes, 1);
      const [scales = z] = dispatcher.run(rowScales, {
        inputs: [z, temperature],
        outputs: [[rows]],
        uniforms,
        groups: rows,
      });
      const [losses = z, sums = z] = dispatcher.run(forward, {
        ...call,
        uniforms,
        inputs: [z, scales],
        outputs: [[rows], [2, rows]],
        groups: Math.ceil(rows / tile),
      });
      return [tf.mean(losses), scales, sums];
    },
    backward: (dy, { z, temperature }, [scales = dy, sums = dy], attributes) => {
      const { rows, parts, ...call } = extents(z, attributes, 2);
      const [dz = z, slopes = z] = dispatcher.run(backward, {
        ...call,
        inputs: [z, scales, sums, dy, temperature],
        outputs: [z.shape, [rows]],
        groups: Math.ceil(rows / tile) * parts,
      });
      return { z: dz, temperature: tf.div(tf.sum(slopes), tf.mul(temperature, -2)) };
    },
  };
}

/** Dims that a workgroup sums up: sixteen numbers for each of an invocation's four rows. */
const dimsAtOnce = 128;
const pieces = [0, 1, 2, 3];

function extents(z: tf.Tensor, { views, decoupled }: FusedOps['ntXent']['attributes'], products: number) {
  const [rows = 1, dim = 1] = z.shape;
  const parts = Math.ceil(dim / dimsAtOnce);
  return {
    rows,
    parts,
    uniforms: { rows, dim, parts, batch: rows / views, decoupled: Number(decoupled) },
    work: rows * rows * dim * (products > 1 ? parts + 1 : 1),
  };
}

const uniforms = { rows: 'u32', dim: 'u32', parts: 'u32', batch: 'u32', decoupled: 'u32' } as const;

/** 1/(‖z‖√τ) of each row, 0 where ‖z‖ is. */
const rowScales: Program = {
  name: 'scales of NT-Xent',
  workgroup: tileThreads,
  inputs: { z: 'f32', temperature: 'f32' },
  outputs: { scales: 'f32' },
  uniforms,
  sums: 'f32',
  code: `
fn main(row: u32, thread: u32) {
  var squares = 0.0;
  for (var d = thread; d < u.dim; d += ${tileThreads}u) { let v = z[row * u.dim + d]; squares += v * v; }
  let square = workgroupSum(squares, thread);
  if (thread == 0u) { scales[row] = select(0.0, inverseSqrt(max(square, 1e-24) * temperature[0]), square > 1e-24); }
}`,
};

const scaled: MatrixRows = { array: 'z', rows: 'u.rows', at: 'row * u.dim', scale: 'scales[row]' };

/** `fn similarities`: those of a tile, over the temperature; and what they are summed for. */
const similarities = `${tiles}
${tileLoader('loadRows', 'rowTile', scaled)}
${tileLoader('loadColumns', 'columnTile', scaled)}
${tileProduct('similarities', 'loadRows', 'loadColumns')}

fn columnsOf(column0: u32, thread: u32) -> vec4<u32> { return vec4(column0 + thread % 8u) + vec4(0u, 8u, 16u, 24u); }

// Which are views of the same sample, and not the row itself.
fn positives(row: u32, columns: vec4<u32>) -> vec4<bool> {
  return (columns % vec4(u.batch) == vec4(row % u.batch)) & (columns != vec4(row)) & (columns < vec4(u.rows));
}

// Which are summed for the row.
fn summed(row: u32, columns: vec4<u32>, positive: vec4<bool>) -> vec4<bool> {
  return (columns != vec4(row)) & (columns < vec4(u.rows)) & !(positive & vec4(u.decoupled == 1u));
}`;

/** Each invocation keeps the greatest similarity of its rows, and the sum of exponentials beneath; the last step joins them. */
const forward: Program = {
  name: 'NT-Xent',
  workgroup: tileThreads,
  inputs: { z: 'f32', scales: 'f32' },
  outputs: { losses: 'f32', sums: 'f32' },
  uniforms,
  code: `${similarities}
${onlineSums}

// log of the sum of exponentials of the row's similarities to its other views.
fn positiveSum(row: u32) -> f32 {
  var greatest = lowest;
  var sum = 0.0;
  for (var other = (row + u.batch) % u.rows; other != row; other = (other + u.batch) % u.rows) {
    var s = 0.0;
    for (var d = 0u; d < u.dim; d++) { s += (z[row * u.dim + d] * scales[row]) * (z[other * u.dim + d] * scales[other]); }
    let next = max(greatest, s);
    sum = sum * exp(greatest - next) + exp(s - next);
    greatest = next;
  }
  return greatest + log(sum);
}

fn main(group: u32, thread: u32) {
  ${onlineLogSumExp({
    rows: 'u.rows',
    columns: 'u.rows',
    counts: (row) => `summed(${row}, columnsOf(column0, thread), positives(${row}, columnsOf(column0, thread)))`,
  })}
  let positive = positiveSum(row);
  sums[row] = all;
  sums[u.rows + row] = positive;
  losses[row] = all - positive;
}`,
};

/**
 * With y = z/(‖z‖√τ), sums L over all and P over positives, and wᵢⱼ = e^{sᵢⱼ−Lᵢ} + e^{sᵢⱼ−Lⱼ} − e^{sᵢⱼ−Pᵢ} − e^{sᵢⱼ−Pⱼ},
 * the latter of positives alone: ∂yᵢ = Σⱼ wᵢⱼ yⱼ over the rows, ∂zᵢ = (∂yᵢ − τ yᵢ(yᵢ·∂yᵢ))/(‖zᵢ‖√τ), where
 * yᵢ·∂yᵢ = Σⱼ wᵢⱼ sᵢⱼ, and ∂τ is the sum of these over −2τ.
 */
const backward: Program = {
  name: 'gradient of NT-Xent',
  workgroup: tileThreads,
  inputs: { z: 'f32', scales: 'f32', sums: 'f32', dy: 'f32', temperature: 'f32' },
  outputs: { dz: 'f32', slopes: 'f32' },
  uniforms,
  code: `${similarities}
var<workgroup> weights: array<f32, 1024>;

fn main(group: u32, thread: u32) {
  let firstRow = (group / u.parts) * ${tile}u;
  let dim0 = (group % u.parts) * ${dimsAtOnce}u;
  let ty = thread / 8u;
  let tx = thread % 8u;
  var slope = vec4(0.0);
  ${forRows(
    (r) => `
  let row${r} = firstRow + ty + ${8 * r}u;
  let at${r} = min(row${r}, u.rows - 1u);
  let all${r} = sums[at${r}];
  let positive${r} = sums[u.rows + at${r}];
  ${pieces.map((piece) => `var sum${r}_${piece} = vec4(0.0);`).join(' ')}`,
  )}
  for (var column0 = 0u; column0 < u.rows; column0 += ${tile}u) {
    let s = similarities(firstRow, column0, thread);
    let columns = columnsOf(column0, thread);
    var all = vec4(0.0);
    var positive = vec4(0.0);
    for (var c = 0u; c < 4u; c++) {
      let at = min(columns[c], u.rows - 1u);
      all[c] = sums[at];
      positive[c] = sums[u.rows + at];
    }
    ${forRows(
      (r) => `
    let alike${r} = positives(row${r}, columns);
    var w${r} = select(vec4(0.0), exp(s[${r}] - all${r}) + exp(s[${r}] - all), summed(row${r}, columns, alike${r}));
    if (any(alike${r})) { w${r} -= select(vec4(0.0), exp(s[${r}] - positive${r}) + exp(s[${r}] - positive), alike${r}); }
    slope[${r}] += dot(w${r}, s[${r}]);
    for (var c = 0u; c < 4u; c++) { weights[(ty + ${8 * r}u) * 32u + tx + 8u * c] = w${r}[c]; }`,
    )}
    ${pieces
      .map(
        (piece) => `
    if (dim0 + ${32 * piece}u < u.dim) {
      workgroupBarrier();
      loadColumns(column0, dim0 + ${32 * piece}u, thread);
      workgroupBarrier();
      for (var j = 0u; j < ${tile}u; j++) {
        let key = columnTile[j * 8u + tx];
        ${forRows((r) => `sum${r}_${piece} += weights[(ty + ${8 * r}u) * 32u + j] * key;`)}
      }
    }`,
      )
      .join('\n')}
  }
  workgroupBarrier();
  ${forRows((r) => `weights[(ty + ${8 * r}u) * 8u + tx] = slope[${r}];`)}
  workgroupBarrier();
  let g = dy[0] / f32(u.rows);
  ${forRows(
    (r) => `
  var along${r} = 0.0;
  for (var part = 0u; part < 8u; part++) { along${r} += weights[(ty + ${8 * r}u) * 8u + part]; }
  if (row${r} < u.rows) {
    if (dim0 + tx == 0u) { slopes[row${r}] = g * along${r}; }
    let scale = scales[row${r}];
    ${pieces
      .map(
        (piece) => `
    for (var c = 0u; c < 4u; c++) {
      let d = dim0 + ${32 * piece}u + 4u * tx + c;
      if (d < u.dim) {
        let at = row${r} * u.dim + d;
        dz[at] = g * scale * (sum${r}_${piece}[c] - temperature[0] * along${r} * scale * z[at]);
      }
    }`,
      )
      .join('')}
  }`,
  )}
}`,
};
