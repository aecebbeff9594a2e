import { type FusedUpdateKernel, type FusedUpdates, tf } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';
import { workgroupSum } from './workgroupSum';

/** SGD with momentum, one dispatch for each parameter. */
export function sgdKernel(dispatcher: Dispatcher): FusedUpdateKernel<'sgd'> {
  const lars = larsKernel(dispatcher);
  const unused = { trustCoefficient: 0, clipLearningRate: false };
  return (inputs) => lars({ ...inputs, ...unused, variant: 'none' });
}

/**
 * LARS, one dispatch for each parameter, and one before for the norms of three of those that have a trust ratio and 16,384
 * elements or more: no workgroup can wait for a norm that others have a part in.
 */
export function larsKernel(dispatcher: Dispatcher): (inputs: LarsInputs) => FusedUpdates['lars']['result'] {
  return (inputs) => {
    const { parameters, learningRate, weightDecayScale } = inputs;
    const rates = tf.stack([learningRate, weightDecayScale].map((scalar) => tf.reshape(scalar, [])));
    const norms = largeNorms(dispatcher, inputs, rates);
    return parameters.map((at) => {
      const { parameter, gradient, slots } = at;
      const { shape, size } = parameter;
      const own = norms.get(at);
      const uniforms = constantsOf(inputs, at);
      const alone = uniforms.adapt === 1 && !own;
      const groups = alone ? 1 : Math.ceil(size / (width * elementsOfEach));
      const [next = parameter, momentum = parameter] = dispatcher.run(alone ? updateAlone : update, {
        inputs: [parameter, gradient, rates, slots.momentum, ...(alone ? [] : [own?.norms ?? rates])],
        outputs: [shape, shape],
        uniforms: { ...uniforms, normsAt: own?.at ?? 0, stride: groups * width },
        groups,
      });
      return { parameter: next, slots: { momentum } };
    });
  };
}

/** The sums for norms of parameters that are too large for one workgroup, and where they begin. */
function largeNorms(dispatcher: Dispatcher, inputs: LarsInputs, rates: tf.Tensor) {
  const large = inputs.parameters.filter(
    (at) => at.parameter.size >= mostForOne && constantsOf(inputs, at).adapt === 1,
  );
  const found = Array.from({ length: Math.ceil(large.length / atOnce) }, (_, index) => {
    const own = large.slice(index * atOnce, (index + 1) * atOnce);
    const tensors = places.flatMap((place) => {
      const { parameter, gradient } = own[place] ?? own[0] ?? { parameter: rates, gradient: rates };
      return [parameter, gradient];
    });
    const uniforms = own.map(({ parameter, weightDecay }, place) => [
      [`size${place}`, parameter.size] as const,
      [`decay${place}`, inputs.variant === 'barlow' ? weightDecay : 0] as const,
    ]);
    const groups = own.length * parts;
    const [norms = rates] = dispatcher.run(normParts, {
      inputs: [...tensors, rates],
      outputs: [[groups, 2]],
      uniforms: Object.fromEntries(uniforms.flat()),
      groups,
    });
    return own.map((at, place) => [at, { norms, at: 2 * place * parts }] as const);
  });
  return new Map(found.flat());
}

type Lars = FusedUpdates['lars']['inputs'];
/** Without a variant there is no trust ratio, which leaves SGD. */
type LarsInputs = Omit<Lars, 'variant'> & { readonly variant: Lars['variant'] | 'none' };

const width = 256;
const mostForOne = 16_384;
/** Workgroups that sum up one parameter's norms. */
const parts = 64;
/** Elements that an invocation moves: it adds up the norms' parts first. */
const elementsOfEach = 4;
/** WebGPU promises eight storage buffers: two for each of so many, beside the rates and the sums. */
const atOnce = 3;
const places = Array.from({ length: atOnce }, (_, place) => place);

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
  adapt: 'u32',
  barlow: 'u32',
  clip: 'u32',
  nesterov: 'u32',
  momentum: 'f32',
  trustCoefficient: 'f32',
  learningRateScale: 'f32',
  weightDecay: 'f32',
} as const;

/** Squares of a parameter, and of what it would move by: its gradient, which Barlow Twins' code decays first. */
const squaresOf = (p: string, g: string, size: string, decay: string) => `
  for (var i = first; i < ${size}; i += stride) {
    let change = ${g}[i] + rates[1] * ${decay} * ${p}[i];
    sum += vec2(${p}[i] * ${p}[i], change * change);
  }`;

const normParts: Program = {
  name: 'norms for LARS',
  workgroup: width,
  inputs: {
    ...Object.fromEntries(places.flatMap((place) => [`p${place}`, `g${place}`]).map((name) => [name, 'f32'] as const)),
    rates: 'f32',
  },
  outputs: { norms: 'f32' },
  uniforms: Object.fromEntries(
    places.flatMap((place) => [[`size${place}`, 'u32'] as const, [`decay${place}`, 'f32'] as const]),
  ),
  code: `
${workgroupSum('vec2<f32>', width)}
fn main(group: u32, thread: u32) {
  let first = (group % ${parts}u) * ${width}u + thread;
  let stride = ${parts * width}u;
  var sum = vec2(0.0);
  switch (group / ${parts}u) {
    ${places
      .map(
        (place) => `
    ${place === atOnce - 1 ? 'default' : `case ${place}u`}: {${squaresOf(`p${place}`, `g${place}`, `u.size${place}`, `u.decay${place}`)}
    }`,
      )
      .join('')}
  }
  let total = workgroupSum(sum, thread);
  if (thread == 0u) { norms[2u * group] = total.x; norms[2u * group + 1u] = total.y; }
}`,
};

/** Moves a parameter. @param norms `fn squares(thread) -> vec2<f32>`, of the whole parameter, from the inputs and others */
const updateBy = (name: string, norms: string, inputs: Program['inputs'] = {}): Program => ({
  name,
  workgroup: width,
  inputs: { p: 'f32', g: 'f32', rates: 'f32', m: 'f32', ...inputs },
  outputs: { nextP: 'f32', nextM: 'f32' },
  uniforms: { ...uniforms, normsAt: 'u32', stride: 'u32' },
  code: `${norms}
fn trustRatio(thread: u32) -> f32 {
  let found = sqrt(squares(thread));
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
});

/** By the norms' parts, without a barrier. */
const update = updateBy(
  'LARS',
  `
fn squares(thread: u32) -> vec2<f32> {
  var sum = vec2(0.0);
  for (var part = 0u; part < ${parts}u; part++) { sum += vec2(norms[u.normsAt + 2u * part], norms[u.normsAt + 2u * part + 1u]); }
  return sum;
}`,
  { norms: 'f32' },
);

/** By norms of its own: for one workgroup. */
const updateAlone = updateBy(
  'LARS of one workgroup',
  `${workgroupSum('vec2<f32>', width)}
fn squares(first: u32) -> vec2<f32> {
  let stride = ${width}u;
  var sum = vec2(0.0);
  ${squaresOf('p', 'g', 'u.size', '(u.weightDecay * f32(u.barlow))')}
  return workgroupSum(sum, first);
}`,
);
