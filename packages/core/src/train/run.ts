import type { BackendSession, CompiledStep, ResidentState, Step, StepSignature } from '../backend';
import type { BatchSource } from '../batches';
import type { Encoder } from '../encoder';
import { UnlabelError } from '../errors';
import type { HostTensor, HostTensors, TensorSpecs } from '../hostTensor';
import { type MicroBatch, withMicroBatch } from '../microBatch';
import { initialise, type Variables } from '../nn/layer';
import type { BoundObjective, Objective } from '../objective';
import type { Optimizer } from '../optim/optimizer';
import { constantSchedule, type RunSchedule, type Schedule } from '../optim/schedules';
import type { Callback } from './callback';
import { type Identity, listCheckpoints, loadCheckpoint } from './checkpoint';
import { compilePerSignature } from './compilePerSignature';
import type { RunStore } from './runStore';
import { trainingSteps } from './trainingStep';

/** What a run is made of. */
export interface PretrainOptions {
  /** Views of unlabelled samples. The last batch of an epoch may be smaller: the step is compiled for it, too. */ readonly batches: BatchSource;
  readonly encoder: Encoder;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  /** An open backend; it stays open. */ readonly session: BackendSession;
  readonly epochs: number;
  readonly learningRate: RunSchedule;
  /** Multiplies the optimizer's weight decay (default: always 1). */ readonly weightDecayScale?: RunSchedule;
  /** Seeds first weights and every random draw (default 0). Order and views of samples have the loader's seed. */
  readonly seed?: number;
  /** Largest global gradient norm; not clipped unless given. */ readonly clipNorm?: number;
  /**
   * Batches averaged into one update (default 1), a smaller last one like the others. Batch statistics and in-batch
   * negatives stay those of one batch; batches of an epoch that do not fill an update are left out.
   */
  readonly accumulate?: number;
  /** Decay, 0 … 1, of an exponential moving average of the encoder that is then the one evaluated; none unless given. */
  readonly averageDecay?: number;
  /**
   * Samples that pass the encoder together, so that activations stay in cache (default `'auto'`): a number; `false` for the
   * whole batch; `'auto'` for transformers on backends where it pays. Losses and gradients are the same but for rounding,
   * random draws exactly, so a run may be resumed with another size. Encoders with batch norm refuse a number.
   */
  readonly microBatch?: MicroBatch;
  readonly callbacks?: readonly Callback[];
  /** Where metrics and checkpoints go; nothing is written without one. */ readonly store?: RunStore;
  /** Updates between checkpoints (default: an epoch); one is always written at the end. */
  readonly checkpointEvery?: number;
  /** Continue from the newest whole checkpoint of `store` (default false). */ readonly resume?: boolean;
  /** Further facts that a resumed run must share with the interrupted one: schedules, options of objective and optimizer. */ readonly identity?: Identity;
  /** Ends the run after the present update, with a checkpoint. */ readonly signal?: AbortSignal;
}

/** What a run is made of, wherever it computes. */
export interface RunOptions extends Omit<PretrainOptions, 'session'> {
  /** What `microBatch: 'auto'` goes by (default: the batch stays whole). */
  readonly session?: Pick<BackendSession, 'microBatchBytes'>;
}

/** The steps of a run before a backend sees them. */
export interface RunSteps {
  /** Takes the (last) batch of an update and moves all that moves. */ readonly update: Step;
  /** Takes each batch before it; present when several batches make an update. */ readonly accumulate: Step | undefined;
  /** What both are compiled for. */ readonly signature: StepSignature;
  /** The state that both run on; `initialise` gives it first values. */ readonly variables: Variables;
}

/** A run that is set up: compiled steps, state where it was left, and the plan of what remains. */
export interface Run {
  readonly state: ResidentState;
  readonly update: CompiledStep;
  /** Present when several batches make an update. */ readonly accumulate: CompiledStep | undefined;
  readonly identity: Identity;
  readonly plan: Plan;
  /** Around the run's encoder. */ readonly objective: BoundObjective;
  /** Damaged checkpoints that were passed over on resuming. */ readonly passedOver: readonly string[];
  /** The state's name of an encoder variable that evaluation should use. */ readonly evaluated: (
    variable: string,
  ) => string;
  /** The evaluated encoder's variables by their own names. */ weights(): Promise<HostTensors>;
  dispose(): void;
}

/** How many updates in what order, and their scalars. */
export interface Plan {
  /** Updates made before this process took over. */ readonly firstStep: number;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  readonly batchesPerStep: number;
  /** By the name of the step's input. */ readonly schedules: Readonly<Record<string, Schedule>>;
}

/**
 * The steps that a run would compile, to be looked at or run elsewhere.
 * @throws UnlabelError `INVALID_OPTION`, `BATCH_TOO_SMALL`, `SHAPE_MISMATCH`
 */
export function runSteps(options: RunOptions): RunSteps {
  const { objective, steps } = compose(options);
  const { update, accumulate, variables } = steps;
  const specs = Object.entries(variables).map(([name, { shape }]) => [name, { shape, dtype: 'float32' }] as const);
  const state: TensorSpecs = Object.fromEntries(specs);
  const plan = planOf(options, objective, 0);
  return { update, accumulate, signature: signatureOf(options, objective, plan, state), variables };
}

/** The objective of a run around its encoder, and the plan of the whole run. @throws UnlabelError as {@link runSteps} */
export function planRun(options: RunOptions): { readonly objective: BoundObjective; readonly plan: Plan } {
  const { objective } = compose(options);
  return { objective, plan: planOf(options, objective, 0) };
}

function compose(options: RunOptions) {
  requireFit(options);
  const objective = options.objective.bind(
    withMicroBatch(options.encoder, options.microBatch ?? 'auto', options.session),
  );
  return { objective, steps: trainingSteps({ ...options, objective, average: options.averageDecay !== undefined }) };
}

function signatureOf(
  { batches }: RunOptions,
  { draws }: BoundObjective,
  { schedules }: Plan,
  state: TensorSpecs,
): StepSignature {
  const scalars: TensorSpecs = Object.fromEntries(
    Object.keys(schedules).map((name) => [name, { shape: [], dtype: 'float32' }]),
  );
  const drawn = draws?.specs(batches.batchSize) ?? {};
  const twice = Object.keys(drawn).find((name) => name in batches.specs || name in scalars);
  if (twice === undefined) return { inputs: { ...batches.specs, ...drawn, ...scalars }, state };
  throw new UnlabelError('DUPLICATE_NAME', `The objective draws ${twice}, which the step is given already.`, {
    fix: 'Draw it under another name.',
  });
}

/** Sets a run up, anew or from its newest checkpoint. @throws UnlabelError see `pretrain` */
export async function openRun(options: PretrainOptions): Promise<Run> {
  const { encoder, session, seed = 0, averageDecay } = options;
  const { objective, steps } = compose(options);
  const identity = identityOf(options, steps.variables);
  const saved = await startingPoint(options);
  if (saved) requireSameRun(saved.identity, identity);
  const plan = planOf(options, objective, saved?.step ?? 0);
  const state = await session.createState(saved?.state ?? initialise(steps.variables, seed));
  const signature = signatureOf(options, objective, plan, state.specs);
  const compile = (step: Step) =>
    compilePerSignature(session, step, signature).catch((error: unknown) => {
      state.dispose();
      throw error;
    });
  const update = await compile(steps.update);
  const accumulate = steps.accumulate ? await compile(steps.accumulate) : undefined;
  const prefix = averageDecay === undefined ? 'encoder/' : 'average/encoder/';
  return {
    state,
    update,
    accumulate,
    identity,
    plan,
    objective,
    passedOver: saved?.passedOver ?? [],
    evaluated: (variable) => prefix + variable,
    weights: async () =>
      stripped(prefix, await state.read(Object.keys(encoder.variables).map((name) => prefix + name))),
    dispose: () => {
      update.dispose();
      accumulate?.dispose();
      state.dispose();
    },
  };
}

/** @throws UnlabelError `RUN_FOLDER_INVALID` for a new run where checkpoints of another would be taken for its own */
async function startingPoint({ store, resume = false }: RunOptions) {
  if (!store) return undefined;
  if (resume) return loadCheckpoint(store);
  const others = await listCheckpoints(store);
  if (others.length === 0) return undefined;
  throw new UnlabelError('RUN_FOLDER_INVALID', `${store.location} already holds ${others.at(-1)} of another run.`, {
    fix: 'Resume that run, or give the new one another folder.',
  });
}

function requireFit(options: RunOptions): void {
  const { batches, objective, encoder } = options;
  const views = Object.keys(batches.specs).filter((name) => name.startsWith('views/'));
  const { min, max = Number.POSITIVE_INFINITY } = objective.views;
  if (views.length < min || views.length > max) {
    const range = max === min ? `${min}` : `${min} to ${max === Number.POSITIVE_INFINITY ? 'any number of' : max}`;
    throw invalid(
      `${objective.name} takes ${range} views of each sample, but the loader gives ${views.length}.`,
      'Choose another view pipeline.',
    );
  }
  requireLargeEnough(options);
  requireNeeds(options);
  const [first] = views;
  const viewShape = first ? (batches.specs[first]?.shape.slice(1) ?? []) : [];
  if (viewShape.length !== encoder.inputShape.length || viewShape.at(-1) !== encoder.inputShape.at(-1)) {
    throw new UnlabelError(
      'SHAPE_MISMATCH',
      `Views are [${viewShape}] but the encoder takes [${encoder.inputShape}].`,
      {
        fix: 'Build the encoder with the inputShape of the views.',
      },
    );
  }
  requireOrdinary(options);
}

/** @throws UnlabelError `BATCH_TOO_SMALL`, also for what is left for the last batch of an epoch */
function requireLargeEnough({ batches, objective }: RunOptions): void {
  const { batchSize, batchesPerEpoch, samples } = batches;
  const { name, minBatch } = objective;
  if (batchSize < minBatch) {
    const message = `${name} needs batches of ${minBatch} or more, not ${batchSize}.`;
    throw new UnlabelError('BATCH_TOO_SMALL', message, { fix: 'Raise the batch size.' });
  }
  const last = samples - (batchesPerEpoch - 1) * batchSize;
  if (last < minBatch) {
    const message = `${name} needs batches of ${minBatch} or more, but the last of an epoch holds ${last}.`;
    const fix = 'Leave it out, as loaders do with dropLast, or choose another batch size.';
    throw new UnlabelError('BATCH_TOO_SMALL', message, { fix });
  }
}

/** @throws UnlabelError `LABELS_MISSING` */
function requireNeeds({ batches, objective: { name, needs = [] } }: RunOptions): void {
  const missing = needs.find((need) => !(need in batches.specs));
  if (missing === undefined) return;
  throw new UnlabelError('LABELS_MISSING', `${name} learns from ${missing}, which the loader does not give.`, {
    fix: 'Make the loader with labels: true, from a data set that has them.',
  });
}

function requireOrdinary(options: RunOptions): void {
  const { batches, epochs, accumulate = 1, averageDecay, clipNorm, checkpointEvery = 1, resume, store } = options;
  for (const [name, value] of Object.entries({ epochs, accumulate, checkpointEvery })) {
    if (!(value >= 1 && Number.isInteger(value))) throw invalid(`${name} is ${value}.`, 'Give a whole number from 1.');
  }
  if (accumulate > batches.batchesPerEpoch) {
    const fix = 'Accumulate fewer, or make smaller batches.';
    throw invalid(`accumulate is ${accumulate} with ${batches.batchesPerEpoch} batches an epoch.`, fix);
  }
  if (clipNorm !== undefined && !(clipNorm > 0)) throw invalid(`clipNorm is ${clipNorm}.`, 'Give a positive number.');
  if (resume && !store) throw invalid('There is no store to resume from.', 'Give the store of the interrupted run.');
  if (averageDecay !== undefined && !(averageDecay > 0 && averageDecay < 1)) {
    throw invalid(`averageDecay is ${averageDecay}.`, 'Give a number between 0 and 1, such as 0.99.');
  }
}

function planOf(options: RunOptions, objective: BoundObjective, firstStep: number): Plan {
  const { batches, epochs, accumulate = 1, learningRate, weightDecayScale, averageDecay = 0 } = options;
  const stepsPerEpoch = Math.floor(batches.batchesPerEpoch / accumulate);
  const totalSteps = stepsPerEpoch * epochs;
  const own = Object.entries(objective.schedules ?? {}).map(
    ([name, schedule]) => [`objective/${name}`, schedule(totalSteps, stepsPerEpoch)] as const,
  );
  return {
    firstStep,
    totalSteps,
    stepsPerEpoch,
    batchesPerStep: accumulate,
    schedules: {
      learningRate: learningRate(totalSteps, stepsPerEpoch),
      weightDecayScale: weightDecayScale?.(totalSteps, stepsPerEpoch) ?? constantSchedule(1),
      step: (step) => step,
      averageDecay: (step) => Math.min(averageDecay, (1 + step) / (10 + step)), // short memory while the encoder moves fast
      ...Object.fromEntries(own),
    },
  };
}

/** What must be the same for a run to continue, as far as it can be seen here; callers add schedules and other options. */
function identityOf(options: RunOptions, variables: Variables): Identity {
  const { batches, encoder, objective, optimizer, epochs, seed = 0, clipNorm, accumulate = 1, averageDecay } = options;
  const shapes = Object.entries(variables).map(([name, { shape }]) => `${name}[${shape}]`);
  return {
    data: batches.fingerprint,
    batchSize: `${batches.batchSize}`,
    encoder: encoder.name,
    objective: objective.name,
    optimizer: optimizer.name,
    variables: shapes.join(' '),
    epochs: `${epochs}`,
    seed: `${seed}`,
    clipNorm: `${clipNorm ?? 'none'}`,
    accumulate: `${accumulate}`,
    averageDecay: `${averageDecay ?? 'none'}`,
    ...options.identity,
  };
}

function requireSameRun(saved: Identity, present: Identity): void {
  const changed = [...new Set([...Object.keys(saved), ...Object.keys(present)])].filter(
    (key) => saved[key] !== present[key],
  );
  if (changed.length === 0) return;
  const short = (value: string | undefined) => (value === undefined || value.length > 60 ? 'another value' : value);
  const differences = changed.map((key) => `${key} (was ${short(saved[key])}, is ${short(present[key])})`);
  throw new UnlabelError('RESUME_MISMATCH', `This is not the run that was saved; changed: ${differences.join(', ')}.`, {
    fix: 'Resume with the saved configuration, or start anew in another folder.',
  });
}

function stripped(prefix: string, tensors: HostTensors): HostTensors {
  const renamed = Object.entries(tensors).map(([name, tensor]): [string, HostTensor] => [
    name.slice(prefix.length),
    tensor,
  ]);
  return Object.fromEntries(renamed);
}

function invalid(message: string, fix: string): UnlabelError {
  return new UnlabelError('INVALID_OPTION', message, { fix });
}
