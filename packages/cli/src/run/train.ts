import {
  type Callback,
  type HostTensors,
  initialise,
  pretrain,
  type RunStore,
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
  const { batchSize, dropLast, workers, learningRate, warmup, schedule, ...loop } = config.training;
  const { dataset, views, encoder, objective, optimizer } = parts;
  const threads = workers === undefined ? {} : { workers };
  const batches = loader({ dataset, views, batchSize, dropLast, seed: loop.seed, ...threads });
  try {
    const events = pretrain({
      batches,
      encoder,
      objective,
      optimizer,
      session: backend.session,
      learningRate: learningRateOf({ learningRate, warmup, schedule }),
      identity: { ...identityOf(config), backend: backend.session.backend },
      ...loop,
      ...rest,
    });
    for await (const event of events) {
      onEvent?.(event);
      if (event.type === 'end') return event;
    }
  } finally {
    await batches.dispose();
  }
  throw new Error('Training ended without an end event.');
}

/** The weights that training starts from: those of the untrained baseline. */
export function untrainedWeights({ encoder }: RunParts, seed: number): HostTensors {
  const initial = initialise(variablesOf({ encoder }), seed);
  return Object.fromEntries(Object.entries(initial).map(([name, value]) => [name.slice('encoder/'.length), value]));
}
