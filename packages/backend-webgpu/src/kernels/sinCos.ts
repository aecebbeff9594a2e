import { tf } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';

/**
 * `fn sinCos(x: f32) -> vec2<f32>`, to float32's precision up to |x| = 8192: WGSL's own `sin` and `cos` are only good to
 * 2⁻¹¹. x less its multiple of π/2, which is given in three parts, then Taylor's series fitted to [−π/4, π/4], as in Cephes.
 */
export const sinCos = `
fn sinCos(x: f32) -> vec2<f32> {
  let turns = round(x * 0.636619772);
  let r = ((x - turns * 1.5703125) - turns * 4.837512969970703e-4) - turns * 7.549789954891882e-8;
  let z = r * r;
  let s = r + r * z * (-1.6666654611e-1 + z * (8.3321608736e-3 - z * 1.9515295891e-4));
  let c = 1.0 - 0.5 * z + z * z * (4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5));
  switch (i32(turns) & 3) {
    case 0: { return vec2(s, c); }
    case 1: { return vec2(c, -s); }
    case 2: { return vec2(-s, -c); }
    default: { return vec2(-c, s); }
  }
}`;

const width = 256;

const program = (name: string, component: 'x' | 'y'): Program => ({
  name,
  workgroup: width,
  inputs: { x: 'f32' },
  outputs: { y: 'f32' },
  uniforms: { size: 'u32' },
  code: `${sinCos}
fn main(group: u32, thread: u32) {
  let i = group * ${width}u + thread;
  if (i < u.size) { y[i] = sinCos(x[i]).${component}; }
}`,
});

/** Replaces the sine and cosine of a tfjs backend, with which Epps–Pulley's gradients are off by 5e-4. */
export function replaceSinCos(eager: string, dispatcher: Dispatcher): void {
  const programs = { [tf.Sin]: program('sin', 'x'), [tf.Cos]: program('cos', 'y') };
  for (const [kernelName, own] of Object.entries(programs)) {
    tf.unregisterKernel(kernelName, eager);
    tf.registerKernel({
      kernelName,
      backendName: eager,
      kernelFunc: ({ inputs: { x } }) => {
        const angles = x instanceof tf.Tensor ? x : tf.tensor1d([]);
        if (angles.size === 0) return tf.clone(angles);
        const call = { inputs: [angles], outputs: [angles.shape], uniforms: { size: angles.size } };
        const [y = angles] = dispatcher.run(own, { ...call, groups: Math.ceil(angles.size / width) });
        return y;
      },
    });
  }
}
