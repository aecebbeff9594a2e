import { type FusedUpdateKernel, type FusedUpdates, tf } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';
import { workgroupSum } from './workgroupSum';

/** SGD with momentum, one dispatch for each parameter. */
export function sgdKernel(dispatcher: Dispatcher): FusedUpdateKernel<'sgd'> {
  const lars = larsKernel(dispatcher);
  const unused = { trustCoefficient: 0, clipLearningRate: false };
  return (inputs) => lars({ ...inputs, ...unused, variant: 'none' });
}

/** LARS, one dispatch for each parameter of less than 65,536 elements or without a trust ratio, two for others. */
export function larsKernel(dispatcher: Dispatcher): (inputs: LarsInputs) => FusedUpdates['lars']['result'] {
  return (inputs) => {
    const { parameters, learningRate, weightDecayScale } = inputs;
    const rates = tf.stack([learningRate, weightDecayScale].map((scalar) => tf.reshape(scalar, [])));
    return parameters.map((at) => {
      const { parameter, gradient, slots } = at;
      const { shape, size } = parameter;
      const uniforms = constantsOf(inputs, at);
      const alone = size < mostForOne;
      const parts = Math.min(mostParts, Math.ceil(size / (width * 16)));
      const tensors = [parameter, gradient, rates];
      const [norms = rates] =
        uniforms.adapt === 1 && !alone
          ? dispatcher.run(normParts, {
              inputs: tensors,
              outputs: [[parts, 2]],
              uniforms: { ...uniforms, parts },
              groups: parts,
            })
          : [];
      const groups = alone ? 1 : Math.ceil(size / width);
      const [next = parameter, momentum = parameter] = dispatcher.run(update, {
        inputs: [...tensors, slots.momentum, norms],
        outputs: [shape, shape],
        uniforms: { ...uniforms, parts, alone: Number(alone), stride: groups * width },
        groups,
      });
      return { parameter: next, slots: { momentum } };
    });
  };
}

type Lars = FusedUpdates['lars']['inputs'];
/** Without a variant there is no trust ratio, which leaves SGD. */
type LarsInputs = Omit<Lars, 'variant'> & { readonly variant: Lars['variant'] | 'none' };

const width = 256;
const mostForOne = 65_536;
const mostParts = 256;

function constantsOf(inputs: LarsInputs, { parameter, weightDecay, learningRateScale }: Lars['parameters'][number]) {
  const { variant, momentum, nesterov, trustCoefficient, clipLearningRate } = inputs;
  const adapted = { barlow: parameter.rank >= 2, lightly: weightDecay !== 0, solo: true, none: false };
  return {
    size: parameter.size,
    adapt: Number(adapted[variant]),
    barlow: Number(variant === 'barlow'),
    clip: Number(clipLearningRate),
    nesterov: Number(nesterov),
    momentum,
    trustCoefficient,
    learningRateScale,
    weightDecay,
  };
}

const uniforms = {
  size: 'u32',
  parts: 'u32',
  adapt: 'u32',
  barlow: 'u32',
  clip: 'u32',
  nesterov: 'u32',
  momentum: 'f32',
  trustCoefficient: 'f32',
  learningRateScale: 'f32',
  weightDecay: 'f32',
} as const;

/** Squares of the parameter, and of what it would move by: its gradient, which Barlow Twins' code decays first. */
const squares = `
${workgroupSum('vec2<f32>', width)}

fn squaresFrom(first: u32, stride: u32) -> vec2<f32> {
  let decay = rates[1] * u.weightDecay * f32(u.barlow);
  var sum = vec2(0.0);
  for (var i = first; i < u.size; i += stride) {
    let change = g[i] + decay * p[i];
    sum += vec2(p[i] * p[i], change * change);
  }
  return sum;
}`;

const normParts: Program = {
  name: 'norms for LARS',
  workgroup: width,
  inputs: { p: 'f32', g: 'f32', rates: 'f32' },
  outputs: { norms: 'f32' },
  uniforms,
  code: `${squares}
fn main(group: u32, thread: u32) {
  let sum = workgroupSum(squaresFrom(group * ${width}u + thread, u.parts * ${width}u), thread);
  if (thread == 0u) { norms[2u * group] = sum.x; norms[2u * group + 1u] = sum.y; }
}`,
};

const update: Program = {
  name: 'LARS',
  workgroup: width,
  inputs: { p: 'f32', g: 'f32', rates: 'f32', m: 'f32', norms: 'f32' },
  outputs: { nextP: 'f32', nextM: 'f32' },
  uniforms: { ...uniforms, alone: 'u32', stride: 'u32' },
  code: `${squares}
fn trustRatio(thread: u32) -> f32 {
  var own = vec2(0.0);
  if (u.alone == 1u) { own = squaresFrom(thread, ${width}u); }
  else { for (var part = thread; part < u.parts; part += ${width}u) { own += vec2(norms[2u * part], norms[2u * part + 1u]); } }
  let found = sqrt(workgroupSum(own, thread));
  if (found.x > 0.0 && found.y > 0.0) {
    var below = found.y;
    if (u.barlow == 0u) { below += rates[1] * u.weightDecay * found.x + 1e-8; }
    let ratio = found.x * u.trustCoefficient / below;
    return select(ratio, min(ratio / (rates[0] * u.learningRateScale), 1.0), u.clip == 1u);
  }
  return select(f32(found.y > 0.0), 1.0, u.barlow == 1u);
}

fn main(group: u32, thread: u32) {
  var ratio = 1.0;
  if (u.adapt == 1u) { ratio = trustRatio(thread); }
  let learningRate = rates[0] * u.learningRateScale;
  let decay = rates[1] * u.weightDecay;
  for (var i = group * ${width}u + thread; i < u.size; i += u.stride) {
    let adapted = ratio * (g[i] + decay * p[i]);
    let momentum = m[i] * u.momentum + adapted;
    let direction = select(momentum, adapted + u.momentum * momentum, u.nesterov == 1u);
    nextM[i] = momentum;
    nextP[i] = p[i] - learningRate * direction;
  }
}`,
};
