import type { FusedKernel } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';

/** GELU in one dispatch, and its gradient in one. */
export function geluKernel(dispatcher: Dispatcher): FusedKernel<'gelu'> {
  return {
    accepts: ({ x }) => x.size > 0,
    forward: ({ x }) => {
      const groups = Math.ceil(x.size / width);
      const [y = x] = dispatcher.run(forward, { inputs: [x], outputs: [x.shape], uniforms: { size: x.size }, groups });
      return [y];
    },
    backward: (dy, { x }) => {
      const uniforms = { size: x.size };
      const groups = Math.ceil(x.size / width);
      const [dx = x] = dispatcher.run(backward, { inputs: [dy, x], outputs: [x.shape], uniforms, groups });
      return { x: dx };
    },
  };
}

const width = 256;

/** erf by Abramowitz & Stegun 7.1.26, with an error of 1.5e-7; by its series near 0, where the former loses digits. */
const erf = `
fn erf(v: f32) -> f32 {
  let s = v * v;
  if (s < 0.25) {
    return v * 1.1283791671 * (1.0 + s * (-0.3333333333 + s * (0.1 + s * (-0.0238095238 + s * (0.0046296296 - s * 0.0007575758)))));
  }
  let t = 1.0 / (1.0 + 0.3275911 * abs(v));
  let p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sign(v) * (1.0 - p * exp(-s));
}`;

const forward: Program = {
  name: 'gelu',
  workgroup: width,
  inputs: { x: 'f32' },
  outputs: { y: 'f32' },
  uniforms: { size: 'u32' },
  code: `${erf}
fn main(group: u32, thread: u32) {
  let i = group * ${width}u + thread;
  if (i >= u.size) { return; }
  y[i] = 0.5 * x[i] * (1.0 + erf(x[i] * 0.7071067812));
}`,
};

const backward: Program = {
  name: 'gelu gradient',
  workgroup: width,
  inputs: { dy: 'f32', x: 'f32' },
  outputs: { dx: 'f32' },
  uniforms: { size: 'u32' },
  code: `${erf}
fn main(group: u32, thread: u32) {
  let i = group * ${width}u + thread;
  if (i >= u.size) { return; }
  let v = x[i];
  let cdf = 0.5 * (1.0 + erf(v * 0.7071067812));
  dx[i] = dy[i] * (cdf + v * 0.3989422804 * exp(-0.5 * v * v));
}`,
};
