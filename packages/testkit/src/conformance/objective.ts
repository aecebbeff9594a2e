import {
  type Backend,
  type BackendSession,
  type BoundObjective,
  cpu,
  type Encoder,
  type HostTensors,
  hostScalar,
  hostTensor,
  initialise,
  layerContext,
  lossAndGradients,
  mlpHead,
  type Objective,
  type Step,
  specsOf,
  tf,
} from '@unlabel/core';
import { type ConformanceCase, requireRefusal, requireThat } from './conformanceCase';
import { normalTensor, requireEqual } from './hostTensors';

/** What an objective is held to. */
export interface ObjectiveConformanceOptions {
  /** Samples in a batch (default the objective's smallest, and at least 8). */ readonly batch?: number;
  /** A backend that must give the losses and gradients of eager `cpu`. */ readonly backend?: Backend;
  /** Allowed difference, relative to each tensor's largest magnitude (default 1e-4). */ readonly tolerance?: number;
}

/**
 * What must hold of every {@link Objective} over views, around a tiny encoder: finite losses and gradients that reach all
 * trainable variables, no dependence on the order of samples, the same result for the same key, and a smallest batch.
 */
export function objectiveConformance(
  objective: Objective,
  options: ObjectiveConformanceOptions = {},
): readonly ConformanceCase[] {
  const { batch = Math.max(8, objective.minBatch), backend, tolerance = 1e-4 } = options;
  const bound = objective.bind(encoder);
  const initial = once(() => initialise(bound.variables, 1));
  const onCpu = async (views: HostTensors, differentiable = true) =>
    evaluate(await cpu().open(), stepOf(bound, differentiable), { bound, initial: initial(), views });
  const views = viewsOf(objective, batch);
  const expected = once(() => onCpu(views));
  const cases: ConformanceCase[] = [
    {
      name: 'holds the encoder’s variables under encoder/',
      run: async () => {
        const missing = Object.keys(encoder.variables).filter((name) => !(`encoder/${name}` in bound.variables));
        requireThat(missing.length === 0, `There is no ${missing.map((name) => `encoder/${name}`).join(', ')}.`);
      },
    },
    {
      name: 'gives a finite loss, finite terms and a projection for every sample',
      run: async () => {
        const outputs = await expected();
        const broken = Object.entries(outputs).filter(([, { data }]) => !data.every(Number.isFinite));
        requireThat(broken.length === 0, `Not finite: ${broken.map(([name]) => name).join(', ')}.`);
        requireThat(
          Object.keys(outputs).some((name) => name.startsWith('terms/')),
          'There are no terms.',
        );
        const { shape = [] } = outputs.projection ?? {};
        requireThat(shape.length === 2 && shape[0] === batch, `The projection is [${shape}], not [${batch}, dim].`);
      },
    },
    {
      name: 'reaches every trainable variable with its gradient',
      run: async () => {
        const outputs = await expected();
        const unreached = Object.keys(trainable(bound)).filter((name) =>
          outputs[`gradients/${name}`]?.data.every((value) => value === 0),
        );
        requireThat(unreached.length === 0, `The gradient is 0 everywhere for ${unreached.join(', ')}.`);
      },
    },
    {
      name: 'does not depend on the order of samples',
      run: async () => {
        const reversed = Object.fromEntries(Object.entries(views).map(([name, view]) => [name, reverseRows(view)]));
        requireEqual(lossAndTerms(await onCpu(reversed, false)), lossAndTerms(await expected()), tolerance);
      },
    },
    {
      name: 'gives the same bits for the same key',
      run: async () => requireEqual(await onCpu(views), await expected(), 0),
    },
    {
      name: `takes batches of ${objective.minBatch}, and refuses smaller ones`,
      run: async () => {
        await onCpu(viewsOf(objective, objective.minBatch));
        if (objective.minBatch === 1) return;
        const small = () => onCpu(viewsOf(objective, objective.minBatch - 1));
        await requireRefusal(small, ['BATCH_TOO_SMALL'], `a batch of ${objective.minBatch - 1}`);
      },
    },
  ];
  if (!backend) return cases;
  return [
    ...cases,
    {
      name: `gives the losses and gradients of cpu on ${backend.name}`,
      run: async () => {
        const wanted = await expected(); // cpu first: the session that opens last decides where eager ops run
        const session = await backend.open();
        try {
          const step = stepOf(bound, true);
          requireEqual(await evaluate(session, step, { bound, initial: initial(), views }), wanted, tolerance);
        } finally {
          await session.dispose();
        }
      },
    },
  ];
}

const network = mlpHead({ dims: [6, 10, 5], norm: 'none' });

/** Two dense layers from 6 numbers to 5. */
const encoder: Encoder = {
  name: 'tiny',
  inputShape: [6],
  outputDim: 5,
  variables: network.variables,
  apply: (input, context) => network.apply(rowsOf(input), context),
};

function rowsOf(input: tf.Tensor): tf.Tensor2D {
  return tf.reshape(input, [-1, 6]);
}

function viewsOf({ views }: Objective, batch: number): HostTensors {
  const entries = Array.from({ length: Math.max(2, views.min) }, (_, view) => [
    `views/${view}`,
    normalTensor(`view ${view}`, [batch, 6]),
  ]);
  return Object.fromEntries(entries);
}

/** What a step of an objective runs on. */
interface StepSetting {
  readonly bound: BoundObjective;
  readonly initial: HostTensors;
  readonly views: HostTensors;
}

/** The outputs of one run of a compiled step. */
async function evaluate(session: BackendSession, step: Step, setting: StepSetting): Promise<HostTensors> {
  const { bound, initial, views } = setting;
  const schedules = Object.entries(bound.schedules ?? {});
  const scalars = schedules.map(([name, schedule]) => [`scalars/${name}`, hostScalar(schedule(10, 5)(5))] as const);
  const inputs = { ...views, ...Object.fromEntries(scalars) };
  const compiled = await session.compile(step, { inputs: specsOf(inputs), state: specsOf(initial) });
  const state = await session.createState(initial);
  try {
    return await compiled.run(state, inputs, ['conformance', 1]);
  } finally {
    compiled.dispose();
    state.dispose();
  }
}

/** Loss, terms and projection, and gradients too if wanted. */
function stepOf(bound: BoundObjective, differentiable: boolean): Step {
  return ({ state, inputs, random }) => {
    const named = (prefix: string) => Object.entries(inputs).filter(([name]) => name.startsWith(prefix));
    const views = named('views/').map(([, view]) => view);
    const scalars = named('scalars/').map(
      ([name, value]) => [name.slice(8), tf.reshape<tf.Rank.R0>(value, [])] as const,
    );
    const { context } = layerContext(state, { training: true, random });
    const evaluated = () => {
      const report = bound.loss({ views, tensors: {}, scalars: Object.fromEntries(scalars) }, context);
      const { loss, terms, projection } = report;
      return { loss, extra: { ...prefixed('terms/', terms), projection } };
    };
    const parameters = Object.entries(state).filter(([name]) => name in trainable(bound));
    const { loss, extra, gradients } = differentiable
      ? lossAndGradients(evaluated, Object.fromEntries(parameters))
      : { ...evaluated(), gradients: {} };
    return { outputs: { loss, ...extra, ...prefixed('gradients/', gradients) } };
  };
}

function trainable(bound: BoundObjective) {
  return Object.fromEntries(Object.entries(bound.variables).filter(([, variable]) => variable.trainable));
}

function prefixed<T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));
}

function lossAndTerms(outputs: HostTensors): HostTensors {
  return Object.fromEntries(Object.entries(outputs).filter(([name]) => name === 'loss' || name.startsWith('terms/')));
}

function reverseRows({ data, shape }: HostTensors[string]) {
  const [rows = 0] = shape;
  const width = data.length / rows;
  return hostTensor(
    Float32Array.from(data, (_, at) => data[(rows - 1 - Math.floor(at / width)) * width + (at % width)] ?? 0),
    shape,
  );
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
