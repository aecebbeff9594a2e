import {
  cosineSchedule,
  type Encoder,
  type Objective,
  type Optimizer,
  type RunSchedule,
  type ViewPipeline,
} from '@unlabel/core';
import { registry } from './registry';
import type { NamedPart, RunConfig } from './settings';

/** What a config names, made. */
export interface RunParts {
  readonly views: ViewPipeline;
  /** What the encoder is shown of an image outside training. */ readonly plainView: ViewPipeline;
  readonly encoder: Encoder;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  readonly learningRate: RunSchedule;
}

/** Makes all that a config names but the data. @throws UnlabelError of whatever cannot be made */
export async function assemble(config: RunConfig): Promise<RunParts> {
  const { learningRate, warmup } = config.training;
  const [name, options] = partOf(config.encoder);
  const encoder = await registry.make('encoder', name, options);
  const [size, , channels] = encoder.inputShape;
  return {
    encoder,
    views: await registry.make('augmentation', ...partOf(config.views)),
    plainView: await registry.make('augmentation', 'evaluation', { size, channels }),
    objective: await registry.make('objective', ...partOf(config.objective)),
    optimizer: await registry.make('optimizer', ...partOf(config.optimizer)),
    learningRate: (steps) => cosineSchedule({ steps, start: learningRate, warmupSteps: Math.round(warmup * steps) }),
  };
}

function partOf({ name, ...options }: NamedPart): readonly [string, Readonly<Record<string, unknown>>] {
  return [name, options];
}
