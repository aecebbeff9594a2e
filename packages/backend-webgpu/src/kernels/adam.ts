import { type FusedUpdateKernel, tf } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';

/** Adam and AdamW, one dispatch for each parameter. */
export function adamKernel(dispatcher: Dispatcher): FusedUpdateKernel<'adam'> {
  return ({ parameters, learningRate, weightDecayScale, step, beta1, beta2, epsilon, decoupled }) => {
    const rates = tf.stack([learningRate, weightDecayScale, step].map((scalar) => tf.reshape(scalar, [])));
    const constants = { beta1, beta2, logBeta1: Math.log(beta1), logBeta2: Math.log(beta2), epsilon };
    return parameters.map(({ parameter, gradient, slots, learningRateScale, weightDecay }) => {
      const { shape, size } = parameter;
      const [next = parameter, moment1 = parameter, moment2 = parameter] = dispatcher.run(program, {
        inputs: [parameter, gradient, slots.moment1, slots.moment2, rates],
        outputs: [shape, shape, shape],
        uniforms: { ...constants, size, decoupled: Number(decoupled), learningRateScale, weightDecay },
        groups: Math.ceil(size / width),
      });
      return { parameter: next, slots: { moment1, moment2 } };
    });
  };
}

const width = 256;

/** `missing` is 1 − βᵗ, from the logarithm of β: 1 less a power of 0.999 has three digits fewer. */
const program: Program = {
  name: 'adam',
  workgroup: width,
  inputs: { p: 'f32', g: 'f32', m: 'f32', v: 'f32', rates: 'f32' },
  outputs: { nextP: 'f32', nextM: 'f32', nextV: 'f32' },
  uniforms: {
    size: 'u32',
    decoupled: 'u32',
    learningRateScale: 'f32',
    weightDecay: 'f32',
    beta1: 'f32',
    beta2: 'f32',
    logBeta1: 'f32',
    logBeta2: 'f32',
    epsilon: 'f32',
  },
  code: `
fn missing(logBeta: f32, t: f32) -> f32 {
  let y = -logBeta * t;
  if (y > 0.1) { return 1.0 - exp(-y); }
  return y * (1.0 - y * (0.5 - y * (0.1666666667 - y * (0.0416666667 - y * 0.0083333333))));
}

fn main(group: u32, thread: u32) {
  let i = group * ${width}u + thread;
  if (i >= u.size) { return; }
  let learningRate = rates[0] * u.learningRateScale;
  let decay = rates[1] * u.weightDecay;
  let t = rates[2] + 1.0;
  let root2 = sqrt(missing(u.logBeta2, t));
  var before = p[i];
  var gradient = g[i];
  if (u.decoupled == 1u) { before *= 1.0 - learningRate * decay; }
  else { gradient += decay * before; }
  let moment1 = m[i] * u.beta1 + gradient * (1.0 - u.beta1);
  let moment2 = v[i] * u.beta2 + gradient * gradient * (1.0 - u.beta2);
  nextM[i] = moment1;
  nextV[i] = moment2;
  nextP[i] = before - learningRate * (root2 / missing(u.logBeta1, t)) * moment1 / (sqrt(moment2) + root2 * u.epsilon);
}`,
};
