import {
  type BackendSession,
  type BoundObjective,
  cpu,
  createProjector,
  type Encoder,
  type HostTensors,
  hostScalar,
  layerContext,
  lossAndGradients,
  type Objective,
  type Projections,
  runSteps,
  type Step,
  type StepRandom,
  sgd,
  sizeOf,
  specsOf,
  tf,
} from '@unlabel/core';
import { prefixed, unprefixed } from '../prefixed';
import { repeatedBatch } from '../repeatedBatch';
import { drawsFor, scalarsOf } from './objectiveFixture';

/** What a step of an objective runs on. */
export interface StepSetting {
  readonly bound: BoundObjective;
  readonly state: HostTensors;
  /** Views, and labels where the objective needs them. */ readonly batch: HostTensors;
  readonly draws: HostTensors;
}

/** The outputs of one run of a step over a batch. */
export async function evaluate(session: BackendSession, step: Step, setting: StepSetting): Promise<HostTensors> {
  const inputs = { ...setting.batch, ...setting.draws, ...prefixed('scalars/', scalarsOf(setting.bound)) };
  const compiled = await session.compile(step, { inputs: specsOf(inputs), state: specsOf(setting.state) });
  const state = await session.createState(setting.state);
  try {
    return await compiled.run(state, inputs, ['conformance', 1]);
  } finally {
    compiled.dispose();
    state.dispose();
  }
}

/** Loss, terms and projection, and gradients too if wanted. */
export function lossStep(
  bound: BoundObjective,
  options: {
    readonly differentiable: boolean /** Draws of the step stay with samples in reverse order. */;
    readonly reversedBatch?: number;
  },
): Step {
  return ({ state, inputs, random }) => {
    const scalars = Object.entries(unprefixed('scalars/', inputs)).map(
      ([name, value]) => [name, tf.reshape<tf.Rank.R0>(value, [])] as const,
    );
    const tensors = Object.fromEntries(Object.entries(inputs).filter(([name]) => !/^(views|scalars)\//.test(name)));
    const own = options.reversedBatch === undefined ? random : reversedRandom(random, options.reversedBatch);
    const { context } = layerContext(state, { training: true, random: own });
    const evaluated = () => {
      const views = Object.values(unprefixed('views/', inputs));
      const report = bound.loss({ views, tensors, scalars: Object.fromEntries(scalars) }, context);
      const { loss, terms, projection } = report;
      return { loss, extra: { ...prefixed('terms/', terms), projection } };
    };
    const parameters = Object.fromEntries(Object.entries(state).filter(([name]) => bound.variables[name]?.trainable));
    const { loss, extra, gradients } = options.differentiable
      ? lossAndGradients(evaluated, parameters)
      : { ...evaluated(), gradients: {} };
    return { outputs: { loss, ...extra, ...prefixed('gradients/', gradients) } };
  };
}

/** Draws whose first axis is a multiple of the samples, with the samples in reverse order. */
function reversedRandom(random: StepRandom, batch: number): StepRandom {
  const turned = (kind: 'normal' | 'uniform') => (name: string, shape: readonly number[]) => {
    const draw = random[kind](name, shape);
    const [rows = 0, ...rest] = shape;
    if (shape.length === 0 || rows % batch !== 0) return draw;
    return tf.reshape(tf.reverse(tf.reshape(draw, [rows / batch, batch, ...rest]), 1), [...shape]);
  };
  return { normal: turned('normal'), uniform: turned('uniform') };
}

/**
 * Moves an objective by whole training steps, as a run does, under SGD: one for each of `steps`, the number of updates before it.
 */
export async function train(
  session: BackendSession,
  setting: {
    readonly objective: Objective;
    readonly encoder: Encoder;
    readonly batch: HostTensors;
    readonly state: HostTensors;
  },
  steps: readonly number[],
): Promise<HostTensors> {
  const { objective, encoder, batch } = setting;
  const { update, signature } = runSteps(runOptions(objective, encoder, batch));
  const bound = objective.bind(encoder);
  const [count = 0] = batch['views/0']?.shape ?? [];
  const inputs = {
    ...batch,
    ...drawsFor(bound, count),
    ...prefixed('objective/', scalarsOf(bound)),
    learningRate: hostScalar(0.1),
    weightDecayScale: hostScalar(1),
    averageDecay: hostScalar(0),
  };
  const compiled = await session.compile(update, signature);
  const state = await session.createState(setting.state);
  try {
    for (const step of steps) await compiled.run(state, { ...inputs, step: hostScalar(step) }, ['conformance', step]);
    return await state.read();
  } finally {
    compiled.dispose();
    state.dispose();
  }
}

/** What the loss sees of the first so many samples of view 0, as a run shows it to callbacks. */
export async function projectOnCpu(
  setting: {
    readonly objective: Objective;
    readonly encoder: Encoder;
    readonly batch: HostTensors;
    readonly state: HostTensors;
  },
  count: number,
): Promise<Projections> {
  const { objective, encoder, batch, state } = setting;
  const projector = await createProjector(await cpu().open(), runOptions(objective, encoder, batch), {
    state,
    step: 1,
  });
  const inputs = Float32Array.from(batch['views/0']?.data ?? []);
  try {
    return await projector.project(inputs.subarray(0, count * sizeOf(encoder.inputShape)), count);
  } finally {
    projector.dispose();
  }
}

/** All the state of such a run. */
export function trainedVariables(objective: Objective, encoder: Encoder, batch: HostTensors) {
  return runSteps(runOptions(objective, encoder, batch)).variables;
}

function runOptions(objective: Objective, encoder: Encoder, batch: HostTensors) {
  const batches = repeatedBatch(batch, 5);
  return { batches, encoder, objective, optimizer: sgd(), epochs: 2, learningRate: () => () => 0.1 };
}
