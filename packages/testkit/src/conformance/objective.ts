import {
  type Backend,
  type BoundObjective,
  cpu,
  type HostTensors,
  hostTensor,
  initialise,
  type Objective,
} from '@unlabel/core';
import { type ConformanceCase, requireRefusal, requireThat } from './conformanceCase';
import { largest, requireEqual } from './hostTensors';
import { batchFor, drawsFor, encoderFor, type FixtureTraits, reversed, scalarsOf } from './objectiveFixture';
import { evaluate, lossStep, projectOnCpu, train, trainedVariables } from './objectiveSteps';

/** What an objective is held to. */
export interface ObjectiveConformanceOptions {
  /** Samples in a batch (default twice the objective's smallest, and at least 11). */ readonly batch?: number;
  /** A backend that must give the losses, gradients and state of eager `cpu`. */ readonly backend?: Backend;
  /** Allowed difference, relative to each tensor's largest magnitude (default 1e-4). */ readonly tolerance?: number;
  /** Whether it works on tokens alone, and on local crops (default: on any encoder, and views of one shape). */
  readonly traits?: FixtureTraits;
}

/** An objective around a tiny encoder, and what the cases ask of it. */
interface Setting {
  readonly objective: Objective;
  readonly bound: BoundObjective;
  readonly traits: FixtureTraits;
  /** Samples in a batch. */ readonly samples: number;
  readonly tolerance: number;
  /** Outputs of a step on cpu over so many samples. */
  onCpu(
    samples: number,
    options?: { readonly reverse?: boolean; readonly differentiable?: boolean },
  ): Promise<HostTensors>;
  /** The same over the whole batch, with gradients. */ expected(): Promise<HostTensors>;
  /** First values of all that a run moves. */ initial(): HostTensors;
}

/**
 * What must hold of every {@link Objective} over views, around a tiny encoder: finite losses and gradients that reach all
 * trainable variables, no dependence on the order of samples, the same result for the same key, a smallest batch, a
 * teacher that moves by the average alone, and nothing to remember but its state.
 */
export function objectiveConformance(
  objective: Objective,
  options: ObjectiveConformanceOptions = {},
): readonly ConformanceCase[] {
  const { backend } = options;
  const setting = settingOf(objective, options);
  const cases = [...lossCases(setting), ...stateCases(setting)];
  return backend ? [...cases, ...backendCases(setting, backend)] : cases;
}

function settingOf(objective: Objective, options: ObjectiveConformanceOptions): Setting {
  const { batch: samples = Math.max(11, 2 * objective.minBatch), tolerance = 1e-4, traits = {} } = options; // a prime: draws are told by it
  const encoder = encoderFor(traits);
  const bound = objective.bind(encoder);
  const state = once(() => initialise(bound.variables, 1));
  const onCpu: Setting['onCpu'] = async (count, { reverse = false, differentiable = true } = {}) => {
    const given = { batch: batchFor(objective, traits, count), draws: drawsFor(bound, count) };
    const turned = { batch: reversed(given.batch, count), draws: reversed(given.draws, count) };
    const step = lossStep(bound, reverse ? { differentiable, reversedBatch: count } : { differentiable });
    return evaluate(await cpu().open(), step, { bound, state: state(), ...(reverse ? turned : given) });
  };
  const variables = () => trainedVariables(objective, encoder, batchFor(objective, traits, samples));
  return {
    objective,
    bound,
    traits,
    samples,
    tolerance,
    onCpu,
    expected: once(() => onCpu(samples)),
    initial: once(() => initialise(variables(), 1)),
  };
}

function lossCases({
  objective,
  bound,
  traits,
  samples,
  tolerance,
  onCpu,
  expected,
  initial,
}: Setting): readonly ConformanceCase[] {
  return [
    {
      name: 'holds the encoder’s variables under encoder/',
      run: async () => {
        const names = Object.keys(encoderFor(traits).variables).map((name) => `encoder/${name}`);
        const missing = names.filter((name) => !(name in bound.variables));
        requireThat(missing.length === 0, `There is no ${missing.join(', ')}.`);
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
        requireThat(shape.length === 2 && shape[0] === samples, `The projection is [${shape}], not [${samples}, dim].`);
      },
    },
    {
      name: 'projects samples one by one in evaluation mode, with nothing but zeros beside view 0',
      run: async () => {
        const batch = batchFor(objective, traits, samples);
        const all = await projectOnCpu({ objective, encoder: encoderFor(traits), batch, state: initial() }, samples);
        requireThat(all.count === samples && all.features.every(Number.isFinite), 'Projections are not finite.');
        const alone = await projectOnCpu({ objective, encoder: encoderFor(traits), batch, state: initial() }, 1);
        const first = hostTensor(all.features.slice(0, all.dim), [1, all.dim]);
        requireEqual({ first: hostTensor(alone.features, [1, alone.dim]) }, { first }, tolerance);
      },
    },
    {
      name: 'reaches every trainable variable with its gradient',
      run: async () => {
        const gradients = Object.entries(await expected()).filter(([name]) => name.startsWith('gradients/'));
        const unreached = gradients.filter(([, { data }]) => data.every((value) => value === 0));
        const names = unreached.map(([name]) => name.slice('gradients/'.length));
        requireThat(unreached.length === 0, `The gradient is 0 everywhere for ${names.join(', ')}.`);
      },
    },
    {
      name: 'does not depend on the order of samples',
      run: async () => {
        const turned = await onCpu(samples, { reverse: true, differentiable: false });
        requireEqual(lossAndTerms(turned), lossAndTerms(await expected()), tolerance);
      },
    },
    {
      name: 'gives the same bits for the same key',
      run: async () => requireEqual(await onCpu(samples), await expected(), 0),
    },
    {
      name: `takes batches of ${objective.minBatch}, and refuses smaller ones`,
      run: async () => {
        await onCpu(objective.minBatch);
        if (objective.minBatch === 1) return;
        const small = () => onCpu(objective.minBatch - 1);
        await requireRefusal(small, ['BATCH_TOO_SMALL'], `a batch of ${objective.minBatch - 1}`);
      },
    },
  ];
}

function stateCases(setting: Setting): readonly ConformanceCase[] {
  const { objective, bound, traits, samples } = setting;
  const batch = batchFor(objective, traits, samples);
  const trainFrom = async (state: HostTensors, steps: readonly number[]) =>
    train(await cpu().open(), { objective, encoder: encoderFor(traits), batch, state }, steps);
  const cases: ConformanceCase[] = [
    {
      name: 'remembers nothing but its state: the same bits when that was saved and loaded in between',
      run: async () => {
        const whole = await trainFrom(setting.initial(), [0, 1]);
        requireEqual(await trainFrom(await trainFrom(setting.initial(), [0]), [1]), whole, 0);
      },
    },
  ];
  const teacher = Object.keys(bound.variables).filter((name) => name.startsWith('teacher/'));
  if (teacher.length > 0) {
    cases.push({
      name: 'moves its teacher by the average of trained variables alone, as its momentum says',
      run: async () => requireAverage(setting, teacher, await trainFrom(setting.initial(), [0])),
    });
  }
  if (bound.draws) {
    cases.push({ name: 'draws the shapes that it says, for any batch', run: async () => requireDrawn(setting) });
  }
  return cases;
}

/** θ′ after an update is mθ′ + (1 − m)θ, with the θ that the update left, for each trained variable. */
function requireAverage({ bound, initial }: Setting, teacher: readonly string[], after: HostTensors): void {
  const momentum = scalarsOf(bound).momentum?.data[0];
  requireThat(momentum !== undefined, 'A teacher’s momentum is a schedule of that name.');
  const expected = teacher.flatMap((name) => {
    const student = name.slice('teacher/'.length);
    const [before, now] = [initial()[name], after[student]];
    if (!bound.variables[student]?.trainable || before?.dtype !== 'float32' || !now) return [];
    const m = momentum ?? 0;
    const data = before.data.map((value, at) => m * value + (1 - m) * (now.data[at] ?? Number.NaN));
    return [[name, { ...before, data }] as const];
  });
  requireThat(expected.length > 0, 'No variable of the teacher follows one that is trained.');
  const found = expected.map(([name]) => [name, after[name]] as const);
  const present = found.flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  requireEqual(Object.fromEntries(present), Object.fromEntries(expected), 1e-6);
}

function requireDrawn({ bound, objective, samples }: Setting): void {
  for (const batch of [samples, objective.minBatch]) {
    const specs = Object.entries(bound.draws?.specs(batch) ?? {}).map(
      ([name, { shape, dtype }]) => `${name} ${dtype} [${shape}]`,
    );
    const drawn = Object.entries(drawsFor(bound, batch)).map(
      ([name, { shape, dtype }]) => `${name} ${dtype} [${shape}]`,
    );
    const [said, found] = [specs.sort().join(', '), drawn.sort().join(', ')];
    requireThat(said === found, `For ${batch} samples it drew ${found} instead of ${said}.`);
  }
}

function backendCases(setting: Setting, backend: Backend): readonly ConformanceCase[] {
  const { objective, bound, traits, samples, tolerance, expected, initial } = setting;
  const batch = batchFor(objective, traits, samples);
  return [
    {
      name: `gives the losses and gradients of cpu on ${backend.name}`,
      run: async () => {
        const wanted = await expected(); // cpu first: the session that opens last decides where eager ops run
        const session = await backend.open();
        try {
          const step = lossStep(bound, { differentiable: true });
          const state = initialise(bound.variables, 1);
          const found = await evaluate(session, step, { bound, state, batch, draws: drawsFor(bound, samples) });
          requireEqual(found, wanted, tolerance, Math.max(1, largestGradient(wanted)));
        } finally {
          await session.dispose();
        }
      },
    },
    {
      name: `leaves the state of cpu after two updates on ${backend.name}`,
      run: async () => {
        const training = { objective, encoder: encoderFor(traits), batch, state: initial() };
        const wanted = await train(await cpu().open(), training, [0, 1]);
        const session = await backend.open();
        try {
          requireEqual(await train(session, training, [0, 1]), wanted, 10 * tolerance);
        } finally {
          await session.dispose();
        }
      },
    },
  ];
}

/** A gradient that is 0 but for rounding, as that of a bias before a batch norm, is as inexact as the largest one. */
function largestGradient(outputs: HostTensors): number {
  const gradients = Object.entries(outputs).filter(([name]) => name.startsWith('gradients/'));
  return Math.max(0, ...gradients.map(([, gradient]) => largest(gradient)));
}

function lossAndTerms(outputs: HostTensors): HostTensors {
  return Object.fromEntries(Object.entries(outputs).filter(([name]) => name === 'loss' || name.startsWith('terms/')));
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
