import { type FusedKernel, tf } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';

/** Layer normalisation in one dispatch, and its gradient in two. */
export function layerNormKernel(dispatcher: Dispatcher): FusedKernel<'layerNorm'> {
  return {
    accepts: ({ x }) => x.size > 0,
    forward: ({ x, scale, offset }, { epsilon }) => {
      const { rows, dim } = extents(x);
      const [y = x, mean = x, rstd = x] = dispatcher.run(forward, {
        inputs: [x, scale, offset],
        outputs: [x.shape, [rows], [rows]],
        uniforms: { dim, epsilon },
        groups: rows,
      });
      return [y, mean, rstd];
    },
    backward: (dy, { x, scale }, [mean = dy, rstd = dy]) => {
      const { rows, dim } = extents(x);
      const parts = Math.min(rows, mostParts);
      const [dx = x] = dispatcher.run(inputGradient, {
        inputs: [dy, x, scale, mean, rstd],
        outputs: [x.shape],
        uniforms: { dim },
        groups: rows,
      });
      const [partial = x] = dispatcher.run(parameterGradients, {
        inputs: [dy, x, mean, rstd],
        outputs: [[2, parts, dim]],
        uniforms: { rows, dim, parts },
        groups: parts * Math.ceil(dim / width),
      });
      const [dScale, dOffset] =
        parts === 1 ? tf.unstack(tf.reshape(partial, [2, dim])) : tf.unstack(tf.sum(partial, 1));
      return { x: dx, scale: dScale ?? dx, offset: dOffset ?? dx };
    },
  };
}

/** Rows are summed in so many parts, side by side. */
const mostParts = 64;
const width = 64;

function extents(x: tf.Tensor): { rows: number; dim: number } {
  const dim = x.shape.at(-1) ?? 1;
  return { rows: x.size / dim, dim };
}

const forward: Program = {
  name: 'layerNorm',
  workgroup: width,
  inputs: { x: 'f32', scale: 'f32', offset: 'f32' },
  outputs: { y: 'f32', mean: 'f32', rstd: 'f32' },
  uniforms: { dim: 'u32', epsilon: 'f32' },
  sums: 'vec2<f32>',
  code: `
fn main(row: u32, thread: u32) {
  let first = row * u.dim;
  var sum = 0.0;
  for (var d = thread; d < u.dim; d += ${width}u) { sum += x[first + d]; }
  let mu = workgroupSum(vec2(sum, 0.0), thread).x / f32(u.dim);
  var squares = 0.0;
  for (var d = thread; d < u.dim; d += ${width}u) { let c = x[first + d] - mu; squares += c * c; }
  let r = inverseSqrt(workgroupSum(vec2(squares, 0.0), thread).x / f32(u.dim) + u.epsilon);
  for (var d = thread; d < u.dim; d += ${width}u) { y[first + d] = (x[first + d] - mu) * r * scale[d] + offset[d]; }
  if (thread == 0u) { mean[row] = mu; rstd[row] = r; }
}`,
};

const inputGradient: Program = {
  name: 'layerNorm input gradient',
  workgroup: width,
  inputs: { dy: 'f32', x: 'f32', scale: 'f32', mean: 'f32', rstd: 'f32' },
  outputs: { dx: 'f32' },
  uniforms: { dim: 'u32' },
  sums: 'vec2<f32>',
  code: `
fn main(row: u32, thread: u32) {
  let first = row * u.dim;
  let mu = mean[row];
  let r = rstd[row];
  var sum = vec2(0.0);
  for (var d = thread; d < u.dim; d += ${width}u) {
    let g = dy[first + d] * scale[d];
    sum += vec2(g, g * (x[first + d] - mu) * r);
  }
  let means = workgroupSum(sum, thread) / f32(u.dim);
  for (var d = thread; d < u.dim; d += ${width}u) {
    let standard = (x[first + d] - mu) * r;
    dx[first + d] = r * (dy[first + d] * scale[d] - means.x - standard * means.y);
  }
}`,
};

/** ∂γ and ∂β of every parts-th row, `[2, parts, dim]`. */
const parameterGradients: Program = {
  name: 'layerNorm parameter gradients',
  workgroup: width,
  inputs: { dy: 'f32', x: 'f32', mean: 'f32', rstd: 'f32' },
  outputs: { partial: 'f32' },
  uniforms: { rows: 'u32', dim: 'u32', parts: 'u32' },
  code: `
fn main(group: u32, thread: u32) {
  let part = group % u.parts;
  let d = (group / u.parts) * ${width}u + thread;
  if (d >= u.dim) { return; }
  var dScale = 0.0;
  var dOffset = 0.0;
  for (var row = part; row < u.rows; row += u.parts) {
    let g = dy[row * u.dim + d];
    dScale += g * (x[row * u.dim + d] - mean[row]) * rstd[row];
    dOffset += g;
  }
  partial[part * u.dim + d] = dScale;
  partial[(u.parts + part) * u.dim + d] = dOffset;
}`,
};
