import type { FusedKernel, FusedOps, tf } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';
import { forRows, type MatrixRows, tile, tileLoader, tileProduct, tiles, tileThreads } from './matrixTile';

/**
 * Attention of all heads in one dispatch, and its gradient in two, from tiles of scores that are computed again for the
 * gradient and never stored: memory is O(tokens · dim).
 * @see Dao, Fu, Ermon, Rudra & Ré, NeurIPS 2022, https://arxiv.org/abs/2205.14135
 */
export function attentionKernel(dispatcher: Dispatcher): FusedKernel<'attention'> {
  return {
    accepts: ({ qkv }) => qkv.size > 0,
    forward: ({ qkv }, attributes) => {
      const { batch, tokens, width, ...call } = extents(qkv, attributes, 2);
      const [mixed = qkv, lse = qkv] = dispatcher.run(forward, {
        ...call,
        inputs: [qkv],
        outputs: [
          [batch, tokens, width],
          [batch, attributes.heads, tokens],
        ],
      });
      return [mixed, mixed, lse];
    },
    backward: (dy, { qkv }, [mixed = dy, lse = dy], attributes) => {
      const [dqkv = qkv, delta = lse] = dispatcher.run(queryGradient, {
        ...extents(qkv, attributes, 3),
        inputs: [qkv, dy, mixed, lse],
        outputs: [qkv.shape, lse.shape],
      });
      dispatcher.run(keyAndValueGradients, {
        ...extents(qkv, attributes, 4),
        inputs: [qkv, dy, lse, delta],
        outputs: [dqkv],
      });
      return { qkv: dqkv };
    },
  };
}

/** Dims of a head that a workgroup sums up; heads of more are computed in parts. */
const dimsAtOnce = 64;
const pieces = [0, 1];

function extents(qkv: tf.Tensor, { heads, causal }: FusedOps['attention']['attributes'], products: number) {
  const [batch = 1, tokens = 1, thirds = 3] = qkv.shape;
  const width = thirds / 3;
  const dim = width / heads;
  const parts = Math.ceil(dim / dimsAtOnce);
  const rowTiles = Math.ceil(tokens / tile);
  return {
    batch,
    tokens,
    width,
    uniforms: { tokens, width, heads, dim, parts, rowTiles, causal: Number(causal), scale: 1 / Math.sqrt(dim) },
    groups: batch * heads * rowTiles * parts,
    work: batch * heads * tokens * tokens * dim * parts * products,
  };
}

const uniforms = {
  tokens: 'u32',
  width: 'u32',
  heads: 'u32',
  dim: 'u32',
  parts: 'u32',
  rowTiles: 'u32',
  causal: 'u32',
  scale: 'f32',
} as const;

/** Queries, keys and values of one head, and what it puts out, by token. */
const ofQkv = (third: number): MatrixRows => ({
  array: 'qkv',
  rows: 'u.tokens',
  at: `qkvAt + (3u * row + ${third}u) * u.width`,
});
const [queries, keys, values] = [ofQkv(0), ofQkv(1), ofQkv(2)];
const dMixed: MatrixRows = { array: 'dy', rows: 'u.tokens', at: 'mixedAt + row * u.width' };

const addresses = `
var<private> qkvAt: u32; // of the head's first query
var<private> mixedAt: u32; // of its first output
var<private> tokenAt: u32; // of its first token's statistics

fn findHead(group: u32) {
  let head = group / (u.parts * u.rowTiles);
  let sample = head / u.heads;
  let column = (head % u.heads) * u.dim;
  qkvAt = sample * u.tokens * 3u * u.width + column;
  mixedAt = sample * u.tokens * u.width + column;
  tokenAt = head * u.tokens;
}

// An invocation's four columns.
fn columnsOf(column0: u32, thread: u32) -> vec4<u32> { return vec4(column0 + thread % 8u) + vec4(0u, 8u, 16u, 24u); }`;

/** The workgroup's head, its rows, and the dims that it sums up: no private variables, for they guard barriers. */
const begin = `
  findHead(group);
  let dim0 = (group % u.parts) * ${dimsAtOnce}u;
  let firstRow = ((group / u.parts) % u.rowTiles) * ${tile}u;
  let ty = thread / 8u;
  let tx = thread % 8u;`;

/** Sums to begin with: two pieces of 32 dims for each of an invocation's four rows. */
function zeros(sums: string): string {
  return forRows((r) => pieces.map((piece) => `var ${sums}${r}_${piece} = vec4(0.0);`).join(' '));
}

/** Adds columns times the tile's weights to the sums. */
function accumulate(sums: string, loadColumns: string): string {
  return pieces
    .map(
      (piece) => `
    if (dim0 + ${32 * piece}u < u.dim) {
      workgroupBarrier();
      ${loadColumns}(column0, dim0 + ${32 * piece}u, thread);
      workgroupBarrier();
      for (var j = 0u; j < ${tile}u; j++) {
        let column = columnTile[j * 8u + tx];
        ${forRows((r) => `${sums}${r}_${piece} += weights[(ty + ${8 * r}u) * 32u + j] * column;`)}
      }
    }`,
    )
    .join('\n');
}

/** Writes sums, times a factor of their row, where the rows of a matrix are. */
function write(sums: string, { array, at }: MatrixRows, factor: (row: number) => string): string {
  const rows = forRows(
    (r) => `
  if (firstRow + ty + ${8 * r}u < u.tokens) {
    let row = firstRow + ty + ${8 * r}u;
    ${pieces
      .map(
        (piece) => `
    for (var c = 0u; c < 4u; c++) {
      let d = dim0 + ${32 * piece}u + 4u * tx + c;
      if (d < u.dim) { ${array}[${at} + d] = ${sums}${r}_${piece}[c] * ${factor(r)}; }
    }`,
      )
      .join('')}
  }`,
  );
  return rows;
}

/** Weights of an invocation's four columns of a row, where the workgroup sees them. */
const share = (values: string, r: number) =>
  `for (var c = 0u; c < 4u; c++) { weights[(ty + ${8 * r}u) * 32u + tx + 8u * c] = ${values}[c]; }`;

/** The greatest score of a row so far is the same for all that have a part in it; sums shrink when it grows. */
const forward: Program = {
  name: 'attention',
  workgroup: tileThreads,
  inputs: { qkv: 'f32' },
  outputs: { mixed: 'f32', lse: 'f32' },
  uniforms,
  code: `${tiles}
${addresses}
var<workgroup> weights: array<f32, 1024>;
var<workgroup> ofRows: array<f32, 256>;
const lowest = -3.0e38;
${tileLoader('loadQueries', 'rowTile', queries)}
${tileLoader('loadKeys', 'columnTile', keys)}
${tileLoader('loadValues', 'columnTile', values)}
${tileProduct('scores', 'loadQueries', 'loadKeys')}

fn main(group: u32, thread: u32) {${begin}
  var most = vec4(lowest);
  var sums = vec4(0.0);
  ${zeros('mix')}
  let end = select(u.tokens, min(u.tokens, firstRow + ${tile}u), u.causal == 1u);
  for (var column0 = 0u; column0 < end; column0 += ${tile}u) {
    let s = scores(firstRow, column0, thread);
    let key = columnsOf(column0, thread);
    ${forRows(
      (r) => `
    let seen${r} = (key < vec4(u.tokens)) & ((key <= vec4(firstRow + ty + ${8 * r}u)) | vec4(u.causal == 0u));
    let s${r} = select(vec4(lowest), s[${r}] * u.scale, seen${r});
    ofRows[(ty + ${8 * r}u) * 8u + tx] = max(max(s${r}.x, s${r}.y), max(s${r}.z, s${r}.w));`,
    )}
    workgroupBarrier();
    ${forRows(
      (r) => `
    var most${r} = most[${r}];
    for (var part = 0u; part < 8u; part++) { most${r} = max(most${r}, ofRows[(ty + ${8 * r}u) * 8u + part]); }
    let less${r} = exp(most[${r}] - most${r});
    let e${r} = select(vec4(0.0), exp(s${r} - most${r}), seen${r});
    ${share(`e${r}`, r)}
    sums[${r}] = sums[${r}] * less${r} + dot(e${r}, vec4(1.0));
    most[${r}] = most${r};
    ${pieces.map((piece) => `mix${r}_${piece} *= less${r};`).join(' ')}`,
    )}
    ${accumulate('mix', 'loadValues')}
  }
  workgroupBarrier();
  ${forRows((r) => `ofRows[(ty + ${8 * r}u) * 8u + tx] = sums[${r}];`)}
  workgroupBarrier();
  ${forRows(
    (r) => `
  var sum${r} = 0.0;
  for (var part = 0u; part < 8u; part++) { sum${r} += ofRows[(ty + ${8 * r}u) * 8u + part]; }
  if (dim0 + tx == 0u && firstRow + ty + ${8 * r}u < u.tokens) {
    lse[tokenAt + firstRow + ty + ${8 * r}u] = most[${r}] + log(sum${r});
  }`,
  )}
  ${write('mix', { ...dMixed, array: 'mixed' }, (r) => `(1.0 / sum${r})`)}
}`,
};

/** ∂qᵢ = Σⱼ sᵢⱼ kⱼ, with sᵢⱼ = pᵢⱼ(∂oᵢ·vⱼ − δᵢ)/√dim, weights p and δᵢ = ∂oᵢ·oᵢ, which it leaves for the other gradients. */
const queryGradient: Program = {
  name: 'attention query gradient',
  workgroup: tileThreads,
  inputs: { qkv: 'f32', dy: 'f32', mixed: 'f32', lse: 'f32' },
  outputs: { dqkv: 'f32', delta: 'f32' },
  uniforms,
  code: `${tiles}
${addresses}
var<workgroup> weights: array<f32, 1024>;
${tileLoader('loadQueries', 'rowTile', queries)}
${tileLoader('loadKeys', 'columnTile', keys)}
${tileLoader('loadChanges', 'rowTile', dMixed)}
${tileLoader('loadValues', 'columnTile', values)}
${tileProduct('scores', 'loadQueries', 'loadKeys')}
${tileProduct('slopes', 'loadChanges', 'loadValues')}

fn main(group: u32, thread: u32) {${begin}
  let row = firstRow + thread % ${tile}u;
  var half = 0.0;
  if (row < u.tokens) {
    for (var d = thread / ${tile}u; d < u.dim; d += 2u) {
      let at = mixedAt + row * u.width + d;
      half += dy[at] * mixed[at];
    }
  }
  weights[thread] = half;
  workgroupBarrier();
  ${forRows(
    (r) => `
  let delta${r} = weights[ty + ${8 * r}u] + weights[ty + ${8 * r + tile}u];
  var lse${r} = 0.0;
  if (firstRow + ty + ${8 * r}u < u.tokens) {
    lse${r} = lse[tokenAt + firstRow + ty + ${8 * r}u];
    if (dim0 + tx == 0u) { delta[tokenAt + firstRow + ty + ${8 * r}u] = delta${r}; }
  }`,
  )}
  ${zeros('dq')}
  let end = select(u.tokens, min(u.tokens, firstRow + ${tile}u), u.causal == 1u);
  for (var column0 = 0u; column0 < end; column0 += ${tile}u) {
    let s = scores(firstRow, column0, thread);
    let g = slopes(firstRow, column0, thread);
    let key = columnsOf(column0, thread);
    ${forRows(
      (r) => `
    let seen${r} = (key < vec4(u.tokens)) & ((key <= vec4(firstRow + ty + ${8 * r}u)) | vec4(u.causal == 0u));
    let w${r} = select(vec4(0.0), exp(s[${r}] * u.scale - lse${r}) * (g[${r}] - delta${r}), seen${r});
    ${share(`w${r}`, r)}`,
    )}
    ${accumulate('dq', 'loadKeys')}
  }
  ${write('dq', { ...queries, array: 'dqkv' }, () => 'u.scale')}
}`,
};

/** ∂vⱼ = Σᵢ pᵢⱼ ∂oᵢ and ∂kⱼ = Σᵢ sᵢⱼ qᵢ: keys are the rows here, queries the columns. */
const keyAndValueGradients: Program = {
  name: 'attention key and value gradients',
  workgroup: tileThreads,
  inputs: { qkv: 'f32', dy: 'f32', lse: 'f32', delta: 'f32' },
  outputs: { dqkv: 'f32' },
  uniforms,
  code: `${tiles}
${addresses}
var<workgroup> weights: array<f32, 1024>;
${tileLoader('loadKeys', 'rowTile', keys)}
${tileLoader('loadQueries', 'columnTile', queries)}
${tileLoader('loadValues', 'rowTile', values)}
${tileLoader('loadChanges', 'columnTile', dMixed)}
${tileProduct('scores', 'loadKeys', 'loadQueries')}
${tileProduct('slopes', 'loadValues', 'loadChanges')}

fn main(group: u32, thread: u32) {${begin}
  ${zeros('dk')}
  ${zeros('dv')}
  for (var column0 = select(0u, firstRow, u.causal == 1u); column0 < u.tokens; column0 += ${tile}u) {
    let s = scores(firstRow, column0, thread);
    let g = slopes(firstRow, column0, thread);
    let query = columnsOf(column0, thread);
    var lses = vec4(0.0);
    var deltas = vec4(0.0);
    for (var c = 0u; c < 4u; c++) {
      if (query[c] < u.tokens) {
        lses[c] = lse[tokenAt + query[c]];
        deltas[c] = delta[tokenAt + query[c]];
      }
    }
    ${forRows(
      (r) => `
    let key${r} = firstRow + ty + ${8 * r}u;
    let seen${r} = (query < vec4(u.tokens)) & ((query >= vec4(key${r})) | vec4(u.causal == 0u));
    let p${r} = select(vec4(0.0), exp(s[${r}] * u.scale - lses), seen${r});
    ${share(`p${r}`, r)}`,
    )}
    ${accumulate('dv', 'loadChanges')}
    workgroupBarrier();
    ${forRows(
      (r) => `
    let w${r} = p${r} * (g[${r}] - deltas);
    ${share(`w${r}`, r)}`,
    )}
    ${accumulate('dk', 'loadQueries')}
  }
  ${write('dk', { ...keys, array: 'dqkv' }, () => 'u.scale')}
  ${write('dv', { ...values, array: 'dqkv' }, () => '1.0')}
}`,
};
