import { forRows, tile } from './matrixTile';

/** What the sum of {@link onlineLogSumExp} is over. */
export interface SummedSimilarities {
  /** How many rows there are, in WGSL. */ readonly rows: string;
  /** How many columns. */ readonly columns: string;
  /** Which of an invocation's four columns from `column0` count for `row`: WGSL of a `vec4<bool>`. */
  readonly counts: (row: string) => string;
}

/** What the workgroup shares meanwhile. */
export const onlineSums = `
var<workgroup> most: array<f32, 256>;
var<workgroup> totals: array<f32, 256>;
const lowest = -3.0e38;`;

/**
 * WGSL that leaves log Σ exp of a row's similarities as `all` to the invocation of that `row`; the others return. Each keeps the
 * greatest similarity of its rows, and the sum of exponentials beneath; the last step joins them. Needs {@link onlineSums} and
 * `fn similarities`; `group` and `thread` are those of `main`.
 */
export function onlineLogSumExp({ rows, columns, counts }: SummedSimilarities): string {
  return `
  let firstRow = group * ${tile}u;
  let ty = thread / 8u;
  let tx = thread % 8u;
  var m = vec4(lowest);
  var l = vec4(0.0);
  for (var column0 = 0u; column0 < ${columns}; column0 += ${tile}u) {
    let s = similarities(firstRow, column0, thread);
    ${forRows(
      (r) => `
    let counted${r} = ${counts(`(firstRow + ty + ${8 * r}u)`)};
    let s${r} = select(vec4(lowest), s[${r}], counted${r});
    let m${r} = max(m[${r}], max(max(s${r}.x, s${r}.y), max(s${r}.z, s${r}.w)));
    let e${r} = select(vec4(0.0), exp(s${r} - m${r}), counted${r});
    l[${r}] = l[${r}] * exp(m[${r}] - m${r}) + dot(e${r}, vec4(1.0));
    m[${r}] = m${r};`,
    )}
  }
  ${forRows(
    (r) => `
  most[(ty + ${8 * r}u) * 8u + tx] = m[${r}];
  totals[(ty + ${8 * r}u) * 8u + tx] = l[${r}];`,
  )}
  workgroupBarrier();
  let row = firstRow + thread;
  if (thread >= ${tile}u || row >= ${rows}) { return; }
  var greatest = lowest;
  for (var part = 0u; part < 8u; part++) { greatest = max(greatest, most[thread * 8u + part]); }
  var sum = 0.0;
  for (var part = 0u; part < 8u; part++) { sum += totals[thread * 8u + part] * exp(most[thread * 8u + part] - greatest); }
  let all = greatest + log(sum);`;
}
