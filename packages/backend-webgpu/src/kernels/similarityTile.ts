/** Rows, and columns, of the similarities that a workgroup holds at a time. */
export const tile = 32;

/** Invocations of a workgroup: each has four rows and four columns, eight apart, of a tile. */
export const tileThreads = 64;

/** The same piece of WGSL for each of an invocation's four rows. */
export function forRows(code: (row: number) => string): string {
  return [0, 1, 2, 3].map(code).join('\n');
}

/** WGSL that brings 32 dims of 32 rows of a matrix into a tile; 0 outside of it. */
function load(name: string, matrix: string, rows: string, into: string): string {
  return `
fn ${name}(first: u32, d0: u32, thread: u32) {
  for (var slot = thread; slot < 256u; slot += ${tileThreads}u) {
    let row = first + slot / 8u;
    let d = d0 + 4u * (slot % 8u);
    var v = vec4(0.0);
    if (row < ${rows}) {
      let at = row * u.dim + d;
      if (d + 3u < u.dim) { v = vec4(${[0, 1, 2, 3].map((lane) => `${matrix}[at + ${lane}u]`).join(', ')}); }
      else {
        if (d < u.dim) { v.x = ${matrix}[at]; }
        if (d + 1u < u.dim) { v.y = ${matrix}[at + 1u]; }
        if (d + 2u < u.dim) { v.z = ${matrix}[at + 2u]; }
      }
    }
    ${into}[slot] = v;
  }
}`;
}

/**
 * `fn similarities(row0, column0, thread) -> mat4x4<f32>`: aᵢ·bⱼ of a tile, in pieces of 32 dims that the workgroup shares.
 * Entry [r][c] is that of row `row0 + thread / 8 + 8r` and column `column0 + thread % 8 + 8c`; 0 outside of `a` and `b`.
 * `fn loadColumns` leaves 32 dims of `b`'s rows in `columnTile`. Reads `u.rows`, `u.columns` and `u.dim`.
 */
export const similarityTile = `
var<workgroup> rowTile: array<vec4<f32>, 256>;
var<workgroup> columnTile: array<vec4<f32>, 256>;
${load('loadRows', 'a', 'u.rows', 'rowTile')}
${load('loadColumns', 'b', 'u.columns', 'columnTile')}

fn similarities(row0: u32, column0: u32, thread: u32) -> mat4x4<f32> {
  let ty = thread / 8u;
  let tx = thread % 8u;
  var s: mat4x4<f32>;
  for (var d0 = 0u; d0 < u.dim; d0 += 32u) {
    workgroupBarrier();
    loadRows(row0, d0, thread);
    loadColumns(column0, d0, thread);
    workgroupBarrier();
    for (var d = 0u; d < 8u; d++) {
      let k0 = columnTile[tx * 8u + d];
      let k1 = columnTile[(tx + 8u) * 8u + d];
      let k2 = columnTile[(tx + 16u) * 8u + d];
      let k3 = columnTile[(tx + 24u) * 8u + d];
      ${forRows(
        (r) => `
      let q${r} = rowTile[(ty + ${8 * r}u) * 8u + d];
      s[${r}] += vec4(dot(q${r}, k0), dot(q${r}, k1), dot(q${r}, k2), dot(q${r}, k3));`,
      )}
    }
  }
  return s;
}

// Which of four columns are within the matrix, and, of similarities of a matrix with itself, not the row itself.
fn counted(row: u32, column0: u32, thread: u32) -> vec4<bool> {
  let columns = vec4(column0 + thread % 8u) + vec4(0u, 8u, 16u, 24u);
  return (columns < vec4(u.columns)) & ((columns != vec4(row)) | vec4(u.isSelf == 0u));
}`;
