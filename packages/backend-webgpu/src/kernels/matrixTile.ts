/** Rows, and columns, of the products that a workgroup holds at a time. */
export const tile = 32;

/** Invocations of a workgroup: each has four rows and four columns, eight apart, of a tile. */
export const tileThreads = 64;

/** The same piece of WGSL for each of an invocation's four rows. */
export function forRows(code: (row: number) => string): string {
  return [0, 1, 2, 3].map(code).join('\n');
}

/** Where the rows of a matrix are, in WGSL. */
export interface MatrixRows {
  readonly array: string;
  /** How many there are. */ readonly rows: string;
  /** Place of the first number of `row`. */ readonly at: string;
  /** What the row is multiplied by (default 1). */ readonly scale?: string;
}

/** Two tiles that the workgroup shares, 32 rows by 32 dims each. */
export const tiles = `
var<workgroup> rowTile: array<vec4<f32>, 256>;
var<workgroup> columnTile: array<vec4<f32>, 256>;`;

/** `fn name(first, d0, thread)`: brings dims from `d0` of rows from `first` into a tile; 0 beyond them and `u.dim`. */
export function tileLoader(
  name: string,
  into: 'rowTile' | 'columnTile',
  { array, rows, at, scale = '1.0' }: MatrixRows,
): string {
  return `
fn ${name}(first: u32, d0: u32, thread: u32) {
  for (var slot = thread; slot < 256u; slot += ${tileThreads}u) {
    let row = first + slot / 8u;
    let d = d0 + 4u * (slot % 8u);
    var v = vec4(0.0);
    if (row < ${rows}) {
      let at = ${at} + d;
      if (d + 3u < u.dim) { v = vec4(${[0, 1, 2, 3].map((lane) => `${array}[at + ${lane}u]`).join(', ')}); }
      else {
        if (d < u.dim) { v.x = ${array}[at]; }
        if (d + 1u < u.dim) { v.y = ${array}[at + 1u]; }
        if (d + 2u < u.dim) { v.z = ${array}[at + 2u]; }
      }
      v *= ${scale};
    }
    ${into}[slot] = v;
  }
}`;
}

/**
 * `fn name(row0, column0, thread) -> mat4x4<f32>`: products of rows of two matrices, in pieces of 32 of their `u.dim` dims.
 * Entry [r][c] is that of row `row0 + thread / 8 + 8r` and column `column0 + thread % 8 + 8c`.
 * @param loadRows name of a {@link tileLoader} into `rowTile`
 * @param loadColumns name of one into `columnTile`
 */
export function tileProduct(name: string, loadRows: string, loadColumns: string): string {
  return `
fn ${name}(row0: u32, column0: u32, thread: u32) -> mat4x4<f32> {
  let ty = thread / 8u;
  let tx = thread % 8u;
  var s: mat4x4<f32>;
  for (var d0 = 0u; d0 < u.dim; d0 += 32u) {
    workgroupBarrier();
    ${loadRows}(row0, d0, thread);
    ${loadColumns}(column0, d0, thread);
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
}`;
}
