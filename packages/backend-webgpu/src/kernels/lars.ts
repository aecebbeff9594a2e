import { type FusedUpdateKernel, type FusedUpdates, tf } from '@unlabel/core';
import type { Dispatcher } from './dispatcher';
import { type PackedProgram, runPacked, width } from './packed';

/** SGD with momentum, in place. */
export function sgdKernel(dispatcher: Dispatcher): FusedUpdateKernel<'sgd'> {
  const lars = larsKernel(dispatcher);
  const unused = { trustCoefficient: 0, clipLearningRate: false };
  return (inputs) => lars({ ...inputs, ...unused, variant: 'none' });
}

/**
 * LARS, in place. The norms of parameters of 16,384 elements and more come a dispatch before: no workgroup can wait for a
 * norm that others have a part in.
 */
export function larsKernel(dispatcher: Dispatcher): (inputs: LarsInputs) => FusedUpdates['lars']['result'] {
  return (inputs) => {
    const { parameters, learningRate, weightDecayScale, donated } = inputs;
    const rates = tf.stack([learningRate, weightDecayScale].map((scalar) => tf.reshape(scalar, [])));
    const large = parameters.filter((at) => at.parameter.size >= mostForOne && isAdapted(inputs, at));
    const norms = large.length === 0 ? rates : normsOf(dispatcher, inputs, large, rates);
    const moved = parameters.map((at) => {
      const [p, m] = [dispatcher.writable(at.parameter, donated), dispatcher.writable(at.slots.momentum, donated)];
      const { gradient, learningRateScale, weightDecay } = at;
      const { size } = gradient;
      const [adapt, place] = [isAdapted(inputs, at), large.indexOf(at)];
      const groups = adapt && place < 0 ? 1 : Math.min(Math.ceil(size / (width * elementsOfEach)), mostGroups);
      const found = {
        normsAt: 2 * parts * Math.max(place, 0),
        sums: adapt ? (place < 0 ? ownSums : partSums) : noSums,
      };
      const uniforms = { size, learningRateScale, weightDecay, stride: groups * width, ...found };
      return { p, m, packed: { reads: [gradient], changes: [p, m], uniforms, groups } };
    });
    const tensors = moved.map(({ packed }) => packed);
    runPacked(dispatcher, update, tensors, { shared: [rates, norms], constants: constantsOf(inputs) });
    return moved.map(({ p, m }) => ({ parameter: p, slots: { momentum: m } }));
  };
}

type Lars = FusedUpdates['lars']['inputs'];
/** Without a variant there is no trust ratio, which leaves SGD. */
type LarsInputs = Omit<Lars, 'variant'> & { readonly variant: Lars['variant'] | 'none' };
type Parameter = Lars['parameters'][number];

const mostForOne = 16_384;
/** Workgroups that sum up one parameter's norms. */
const parts = 64;
/** Elements that an invocation moves at least, and workgroups at most: each invocation adds up the norms' parts first. */
const [elementsOfEach, mostGroups] = [4, 256];
/** Where a parameter's norms come from: it needs none, its one workgroup sums them up, or they lie there in parts. */
const [noSums, ownSums, partSums] = [0, 1, 2];

function isAdapted({ variant }: LarsInputs, { parameter, weightDecay }: Parameter): boolean {
  return { barlow: parameter.rank >= 2, lightly: weightDecay !== 0, solo: true, none: false }[variant];
}

function constantsOf({ variant, momentum, nesterov, trustCoefficient, clipLearningRate }: LarsInputs) {
  return {
    barlow: Number(variant === 'barlow'),
    clip: Number(clipLearningRate),
    nesterov: Number(nesterov),
    momentum,
    trustCoefficient,
  };
}

/** Parts of the norms of parameters that are too large for one workgroup, one parameter's after the other's. */
function normsOf(dispatcher: Dispatcher, inputs: LarsInputs, large: readonly Parameter[], rates: tf.Tensor): tf.Tensor {
  const norms = dispatcher.empty([large.length * parts, 2]);
  const tensors = large.map(({ parameter, gradient, weightDecay }, index) => ({
    reads: [parameter, gradient],
    changes: [],
    uniforms: { size: gradient.size, weightDecay, normsAt: 2 * parts * index },
    groups: parts,
  }));
  runPacked(dispatcher, normParts, tensors, { shared: [rates], result: norms, constants: constantsOf(inputs) });
  return norms;
}

const constants = {
  barlow: 'u32',
  clip: 'u32',
  nesterov: 'u32',
  momentum: 'f32',
  trustCoefficient: 'f32',
} as const;

/** Adds up squares of a parameter, and of what it would move by: its gradient, which Barlow Twins' code decays first. */
const addSquares = (at: number, first: string, stride: string) => `
  let decayFirst = rates[1] * u.weightDecay${at} * f32(u.barlow);
  for (var i = ${first}; i < u.size${at}; i += ${stride}) {
    let change = g${at}[i] + decayFirst * p${at}[i];
    sum += vec2(p${at}[i] * p${at}[i], change * change);
  }`;

const normParts: PackedProgram = {
  name: 'norms for LARS',
  reads: ['p', 'g'],
  changes: [],
  shared: ['rates'],
  result: 'norms',
  uniforms: { size: 'u32', weightDecay: 'f32', normsAt: 'u32' },
  constants,
  sums: 'vec2<f32>',
  each: (at) => `
  var sum = vec2(0.0);
  ${addSquares(at, `group * ${width}u + thread`, `${parts * width}u`)}
  let total = workgroupSum(sum, thread);
  if (thread == 0u) {
    norms[u.normsAt${at} + 2u * group] = total.x;
    norms[u.normsAt${at} + 2u * group + 1u] = total.y;
  }
`,
};

const update: PackedProgram = {
  name: 'LARS',
  reads: ['g'],
  changes: ['p', 'm'],
  shared: ['rates', 'norms'],
  uniforms: {
    size: 'u32',
    stride: 'u32',
    sums: 'u32',
    normsAt: 'u32',
    learningRateScale: 'f32',
    weightDecay: 'f32',
  },
  constants,
  sums: 'vec2<f32>',
  functions: `
fn trustRatio(squares: vec2<f32>, learningRate: f32, decay: f32) -> f32 {
  let found = sqrt(squares);
  if (found.x > 0.0 && found.y > 0.0) {
    var below = found.y;
    if (u.barlow == 0u) { below += decay * found.x + 1e-8; }
    let ratio = found.x * u.trustCoefficient / below;
    return select(ratio, min(ratio / learningRate, 1.0), u.clip == 1u);
  }
  return select(f32(found.y > 0.0), 1.0, u.barlow == 1u);
}`,
  each: (at) => `
  let learningRate = rates[0] * u.learningRateScale${at};
  let decay = rates[1] * u.weightDecay${at};
  var ratio = 1.0;
  if (u.sums${at} == ${ownSums}u) {
    var sum = vec2(0.0);
    ${addSquares(at, 'thread', `${width}u`)}
    ratio = trustRatio(workgroupSum(sum, thread), learningRate, decay);
  } else if (u.sums${at} == ${partSums}u) {
    var sum = vec2(0.0);
    for (var part = u.normsAt${at}; part < u.normsAt${at} + ${2 * parts}u; part += 2u) { sum += vec2(norms[part], norms[part + 1u]); }
    ratio = trustRatio(sum, learningRate, decay);
  }
  for (var i = group * ${width}u + thread; i < u.size${at}; i += u.stride${at}) {
    let adapted = ratio * (g${at}[i] + decay * p${at}[i]);
    let momentum = m${at}[i] * u.momentum + adapted;
    let direction = select(momentum, adapted + u.momentum * momentum, u.nesterov == 1u);
    m${at}[i] = momentum;
    p${at}[i] -= learningRate * direction;
  }
`,
};
