import {
  type BackendSession,
  type BatchSource,
  type Callback,
  type Checkpoint,
  createProjector,
  type HostTensors,
  initialise,
  type Projector,
  pretrain,
  type RunOptions,
  type RunSteps,
  type RunStore,
  runSteps,
  type TrainingEvent,
  variablesOf,
} from '@unlabel/core';
import { loader } from '@unlabel/data';
import type { Config } from '../config/configSchema';
import { learningRateOf, type RunParts } from './assemble';
import { identityOf } from './identity';
import type { OpenedBackend } from './openBackend';

/** How a run ended. */
export type EndEvent = Extract<TrainingEvent, { type: 'end' }>;

/** What training needs beside the config and its parts. */
export interface TrainOptions {
  readonly backend: OpenedBackend;
  readonly store?: RunStore;
  readonly callbacks?: readonly Callback[];
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainingEvent) => void;
}

/** Trains the encoder of `parts` as the config says. @throws UnlabelError see `pretrain` of core and `loader` of data */
export async function train(config: Config, parts: RunParts, options: TrainOptions): Promise<EndEvent> {
  const { backend, onEvent, ...rest } = options;
  const { session } = backend;
  const batches = openBatches(config, parts, session);
  try {
    const identity = { ...identityOf(config), backend: session.backend };
    const events = pretrain({ ...runOptions(config, parts, batches), session, identity, ...rest });
    for await (const event of events) {
      onEvent?.(event);
      if (event.type === 'end') return event;
    }
  } finally {
    await batches.dispose();
    const { workerCrashes = 0 } = batches;
    if (workerCrashes > 0) console.error(`Worker threads that crashed and were replaced: ${workerCrashes}.`);
  }
  throw new Error('Training ended without an end event.');
}

/** The steps that training would compile for such a session. @throws UnlabelError see `runSteps` of core and `loader` of data */
export async function stepsOf(
  config: Config,
  parts: RunParts,
  session: Pick<BackendSession, 'microBatchBytes'>,
): Promise<RunSteps> {
  const batches = openBatches(config, parts);
  try {
    return runSteps({ ...runOptions(config, parts, batches), session });
  } finally {
    await batches.dispose();
  }
}

/** @param session renders the views where it computes, if it can and the config does not ask for threads that do */
function openBatches(
  { training }: Config,
  { dataset, views, objective }: RunParts,
  session: Pick<BackendSession, 'views'> = {},
): BatchSource {
  const { batchSize, dropLast, workers, seed } = training;
  const labels = objective.needs?.includes('labels') ?? false;
  const rendering = workers === undefined ? { session } : { workers };
  return loader({ dataset, views, batchSize, dropLast, seed, labels, ...rendering });
}

/** What the loss saw of images, by the networks of a checkpoint. @throws UnlabelError see `createProjector` of core */
export async function openProjector(
  config: Config,
  parts: RunParts,
  session: BackendSession,
  checkpoint: Checkpoint,
): Promise<Projector> {
  const batches = openBatches(config, parts);
  try {
    return await createProjector(session, { ...runOptions(config, parts, batches), session }, checkpoint);
  } finally {
    await batches.dispose();
  }
}

/** What a config says about a run, wherever it computes. */
function runOptions({ training }: Config, parts: RunParts, batches: BatchSource): RunOptions {
  const { batchSize, dropLast, workers, learningRate, warmup, schedule, keepBest, ...loop } = training;
  const { encoder, objective, optimizer } = parts;
  return {
    batches,
    encoder,
    objective,
    optimizer,
    learningRate: learningRateOf({ learningRate, warmup, schedule }),
    ...loop,
  };
}

/** The weights that training starts from: those of the untrained baseline. */
export function untrainedWeights({ encoder }: Pick<RunParts, 'encoder'>, seed: number): HostTensors {
  const initial = initialise(variablesOf({ encoder }), seed);
  return Object.fromEntries(Object.entries(initial).map(([name, value]) => [name.slice('encoder/'.length), value]));
}
