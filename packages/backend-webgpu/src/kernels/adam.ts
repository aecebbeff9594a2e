import { type FusedUpdateKernel, tf } from '@unlabel/core';
import type { Dispatcher } from './dispatcher';
import { type PackedProgram, runPacked, width } from './packed';

/** Adam and AdamW, in place. */
export function adamKernel(dispatcher: Dispatcher): FusedUpdateKernel<'adam'> {
  return ({ parameters, learningRate, weightDecayScale, step, donated, beta1, beta2, epsilon, decoupled }) => {
    const rates = tf.stack([learningRate, weightDecayScale, step].map((scalar) => tf.reshape(scalar, [])));
    const writable = (tensor: tf.Tensor) => dispatcher.writable(tensor, donated);
    const moved = parameters.map(({ parameter, gradient, slots, learningRateScale, weightDecay }) => {
      const [p, m, v] = [writable(parameter), writable(slots.moment1), writable(slots.moment2)];
      return { p, m, v, g: gradient, uniforms: { size: parameter.size, learningRateScale, weightDecay } };
    });
    const tensors = moved.map(({ p, m, v, g, uniforms }) => ({
      reads: [g],
      changes: [p, m, v],
      uniforms,
      groups: Math.ceil(g.size / width),
    }));
    const constants = { beta1, beta2, logBeta1: Math.log(beta1), logBeta2: Math.log(beta2), epsilon };
    runPacked(dispatcher, program, tensors, {
      shared: [rates],
      constants: { ...constants, decoupled: Number(decoupled) },
    });
    return moved.map(({ p, m, v }) => ({ parameter: p, slots: { moment1: m, moment2: v } }));
  };
}

/** `missing` is 1 − βᵗ, from the logarithm of β: 1 less a power of 0.999 has three digits fewer. */
const program: PackedProgram = {
  name: 'adam',
  reads: ['g'],
  changes: ['p', 'm', 'v'],
  shared: ['rates'],
  uniforms: { size: 'u32', learningRateScale: 'f32', weightDecay: 'f32' },
  constants: {
    decoupled: 'u32',
    beta1: 'f32',
    beta2: 'f32',
    logBeta1: 'f32',
    logBeta2: 'f32',
    epsilon: 'f32',
  },
  functions: `
fn missing(logBeta: f32, t: f32) -> f32 {
  let y = -logBeta * t;
  if (y > 0.1) { return 1.0 - exp(-y); }
  return y * (1.0 - y * (0.5 - y * (0.1666666667 - y * (0.0416666667 - y * 0.0083333333))));
}`,
  each: (at) => `
  let i = group * ${width}u + thread;
  if (i >= u.size${at}) { return; }
  let learningRate = rates[0] * u.learningRateScale${at};
  let decay = rates[1] * u.weightDecay${at};
  let t = rates[2] + 1.0;
  let root2 = sqrt(missing(u.logBeta2, t));
  var before = p${at}[i];
  var gradient = g${at}[i];
  if (u.decoupled == 1u) { before *= 1.0 - learningRate * decay; }
  else { gradient += decay * before; }
  let moment1 = m${at}[i] * u.beta1 + gradient * (1.0 - u.beta1);
  let moment2 = v${at}[i] * u.beta2 + gradient * gradient * (1.0 - u.beta2);
  m${at}[i] = moment1;
  v${at}[i] = moment2;
  p${at}[i] = before - learningRate * (root2 / missing(u.logBeta1, t)) * moment1 / (sqrt(moment2) + root2 * u.epsilon);
`,
};
