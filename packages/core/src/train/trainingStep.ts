import type { NamedTensors, Step } from '../backend';
import { lossAndGradients } from '../gradients';
import { layerContext, type Variable, type Variables } from '../nn/layer';
import type { BoundObjective, LossReport, ObjectiveInputs } from '../objective';
import { clipByGlobalNorm } from '../optim/clip';
import { emaUpdate } from '../optim/ema';
import type { Optimizer } from '../optim/optimizer';
import { tf } from '../tf';

/** What a training step is assembled from. */
export interface TrainingStepOptions {
  readonly objective: BoundObjective;
  readonly optimizer: Optimizer;
  /** Largest global norm of the gradients; none unless given. */ readonly clipNorm?: number;
  /** Batches whose gradients are averaged before the parameters move (default 1). */ readonly accumulate?: number;
  /** Whether to keep an exponential moving average of the encoder's variables under `average/`. */ readonly average?: boolean;
}

/** The steps of a training run and the state that they share. */
export interface TrainingSteps {
  /** Everything that survives from step to step, with first values. */ readonly variables: Variables;
  /** Adds one batch's gradients to those under `gradients/`; absent unless batches are accumulated. */ readonly accumulate?: Step;
  /** Takes the (last) batch and moves parameters, slots, statistics, teachers and averages. */ readonly update: Step;
}

/** Composes loss → gradients → clipping → optimizer → teacher and average into pure steps. */
export function trainingSteps(options: TrainingStepOptions): TrainingSteps {
  const parts = partsOf(options);
  const differentiate = gradientStep(options, parts);
  const update = updateStep(options, parts, differentiate);
  const { variables } = parts;
  return (options.accumulate ?? 1) > 1 ? { variables, update, accumulate: differentiate } : { variables, update };
}

/** A run's variables by what becomes of them. */
interface Parts {
  /** All of them. */ readonly variables: Variables;
  /** What the optimizer moves. */ readonly parameters: Variables;
  /** What a moving average is kept of. */ readonly averaged: Variables;
}

function partsOf({ objective, optimizer, accumulate = 1, average = false }: TrainingStepOptions): Parts {
  const parameters = pick(objective.variables, (variable) => variable.trainable);
  const averaged = average ? pick(objective.variables, (_, name) => name.startsWith('encoder/')) : {};
  const variables: Variables = {
    ...objective.variables,
    ...prefixed('optimizer/', optimizer.slots(parameters)),
    ...(accumulate > 1 ? prefixed('gradients/', mapped(parameters, zeroed)) : {}),
    ...prefixed('average/', mapped(averaged, copied)),
  };
  return { variables, parameters, averaged };
}

/** New statistics under their names, and gradients (with those accumulated before) under `gradients/`. */
function gradientStep({ objective, accumulate = 1 }: TrainingStepOptions, { parameters }: Parts): Step {
  return ({ state, inputs, random }) => {
    const { context, updates } = layerContext(subset(state, objective.variables), { training: true, random });
    const { loss, extra, gradients } = lossAndGradients(
      () => {
        const report = objective.loss(objectiveInputs(inputs, objective), context);
        const watching = prefixed('outputs/', watched(report));
        return { loss: report.loss, extra: { ...watching, ...prefixed('updates/', updates) } };
      },
      subset(state, parameters),
    );
    const share = (gradient: tf.Tensor, name: string) =>
      accumulate === 1 ? gradient : tf.add(entry(state, `gradients/${name}`), tf.div(gradient, accumulate));
    return {
      outputs: { loss, ...unprefixed('outputs/', extra) },
      state: { ...unprefixed('updates/', extra), ...prefixed('gradients/', mapped(gradients, share)) },
    };
  };
}

/** Moves everything that a step moves, from the gradients of `differentiate`. */
function updateStep(options: TrainingStepOptions, parts: Parts, differentiate: Step): Step {
  const { objective, optimizer, clipNorm, accumulate = 1 } = options;
  const { parameters, averaged } = parts;
  return ({ state, inputs, random }) => {
    const { outputs, state: after = {} } = differentiate({ state, inputs, random });
    const statistics = subset(after, objective.variables);
    const { gradients, norm } = clipByGlobalNorm(unprefixed('gradients/', after), clipNorm);
    const moved = optimizer.update({
      parameters: subset(state, parameters),
      gradients,
      slots: unprefixed('optimizer/', state),
      learningRate: scalar(inputs, 'learningRate'),
      weightDecayScale: scalar(inputs, 'weightDecayScale'),
      step: scalar(inputs, 'step'),
      donated: true,
    });
    const present = { ...subset(state, objective.variables), ...statistics, ...moved.parameters };
    const { context, updates: teachers } = layerContext(present, { training: false, random });
    objective.afterUpdate?.({ scalars: objectiveInputs(inputs, objective).scalars }, context);
    const decay = scalar(inputs, 'averageDecay');
    const following = subset({ ...present, ...teachers }, averaged);
    const averages = emaUpdate(
      mapped(averaged, (_, name) => entry(state, `average/${name}`)),
      following,
      decay,
      { donated: true },
    );
    const cleared = accumulate > 1 ? mapped(parameters, ({ shape }) => tf.zeros([...shape])) : {};
    return {
      outputs: { ...outputs, gradientNorm: norm },
      state: {
        ...statistics,
        ...moved.parameters,
        ...prefixed('optimizer/', moved.slots),
        ...teachers,
        ...prefixed('average/', averages),
        ...prefixed('gradients/', cleared),
      },
    };
  };
}

/** What the loss sees of view 0, in evaluation mode; no state moves. */
export function projectionStep(objective: BoundObjective): Step<'projection'> {
  return ({ state, inputs, random }) => {
    const { context } = layerContext(subset(state, objective.variables), { training: false, random });
    return { outputs: { projection: objective.loss(objectiveInputs(inputs, objective), context).projection } };
  };
}

/** The small tensors that the loop reports: unweighted terms and the spread of the projection. */
function watched(report: LossReport): Record<string, tf.Tensor> {
  return { ...prefixed('terms/', report.terms), projectionStd: projectionStd(report.projection) };
}

/** Mean standard deviation of the normalised projection's dimensions, times √dim: 1 when spread evenly, 0 collapsed. */
function projectionStd(projection: tf.Tensor2D): tf.Scalar {
  const norms = tf.sqrt(tf.add(tf.sum(tf.square(projection), 1, true), 1e-12));
  const { variance } = tf.moments(tf.div(projection, norms), 0);
  return tf.mul(tf.mean(tf.sqrt(variance)), Math.sqrt(projection.shape[1]));
}

function objectiveInputs(inputs: NamedTensors, objective: BoundObjective): ObjectiveInputs {
  const views = Object.keys(inputs)
    .filter((name) => name.startsWith('views/'))
    .sort((a, b) => Number(a.slice(6)) - Number(b.slice(6)))
    .map((name) => entry(inputs, name));
  const scalars = mapped(objective.schedules ?? {}, (_, name) => scalar(inputs, `objective/${name}`));
  return { views, tensors: pick(inputs, (_, name) => !name.startsWith('views/')), scalars };
}

function scalar(inputs: NamedTensors, name: string): tf.Scalar {
  return tf.reshape(entry(inputs, name), []);
}

function entry(tensors: NamedTensors, name: string): tf.Tensor {
  const tensor = tensors[name];
  if (!tensor) throw new Error(`The step was run without '${name}'.`);
  return tensor;
}

function zeroed(variable: Variable): Variable {
  return {
    shape: variable.shape,
    trainable: false,
    initial: (shape) => new Float32Array(shape.reduce((a, b) => a * b, 1)),
  };
}

function copied({ shape }: Variable, name: string): Variable {
  return { shape, trainable: false, initial: { copyOf: name } };
}

type Named<T> = Readonly<Record<string, T>>;

function mapped<T, U>(record: Named<T>, change: (value: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}

function pick<T>(record: Named<T>, wanted: (value: T, name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name, value]) => wanted(value, name)));
}

function subset<T>(record: Named<T>, names: Named<unknown>): Record<string, T> {
  return pick(record, (_, name) => name in names);
}

function prefixed<T>(prefix: string, record: Named<T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));
}

function unprefixed<T>(prefix: string, record: Named<T>): Record<string, T> {
  const own = Object.entries(record).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}
