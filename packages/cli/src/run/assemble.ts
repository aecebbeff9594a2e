import {
  cosineSchedule,
  type Dataset,
  type Encoder,
  linearSchedule,
  type Objective,
  type Optimizer,
  type Registry,
  type RunSchedule,
  type ViewPipeline,
  viewSpecs,
} from '@unlabel/core';
import { type Config, type NamedPart, partOf } from '../config/configSchema';
import { optionsJsonSchema } from '../config/jsonSchema';
import type { LoadedConfig } from '../config/loadConfig';
import { openSamples } from './samples';

/** The things that a config names, made. */
export interface RunParts {
  readonly dataset: Dataset;
  readonly views: ViewPipeline;
  /** What evaluation and embedding show the encoder of an image. */ readonly plainView: ViewPipeline;
  /** The same for the raw-pixel baseline: smaller where it would have more than 1,024 values. */
  readonly pixelView: ViewPipeline;
  readonly encoder: Encoder;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
}

/**
 * Makes everything that a config names but the backend. The encoder is given the shape of the first view.
 * @throws UnlabelError of whatever cannot be made
 */
export async function assemble({ config, registry }: LoadedConfig): Promise<RunParts> {
  const { data, views, objective, optimizer } = config;
  const pipeline = await make(registry, 'augmentation', views);
  return {
    dataset: await openSamples(registry, data),
    views: pipeline,
    ...(await assembleEncoder(registry, config, pipeline)),
    objective: await make(registry, 'objective', objective),
    optimizer: await make(registry, 'optimizer', optimizer),
  };
}

/**
 * The encoder of a config and the view it is fed with outside training, at the size it was made for: that of the training
 * views, unless its options say otherwise (convolutions trained on small crops see whole images best at a larger size).
 */
export async function assembleEncoder(
  registry: Registry,
  { encoder: part, views, evaluation }: Pick<Config, 'encoder' | 'views' | 'evaluation'>,
  pipeline?: ViewPipeline,
): Promise<Pick<RunParts, 'encoder' | 'plainView' | 'pixelView'>> {
  const [{ shape: viewShape } = {}] = viewSpecs(pipeline ?? (await make(registry, 'augmentation', views)));
  const { name, options } = partOf(part);
  const { properties = {} } = optionsJsonSchema(registry.find('encoder', name).options);
  const given = 'inputShape' in properties ? { inputShape: viewShape, ...options } : options;
  const encoder = await registry.make('encoder', name, given);
  const [size = 1, , channels = 1] = encoder.inputShape;
  return {
    encoder,
    plainView: await plainView(registry, views, size, channels),
    pixelView: await plainView(registry, views, evaluation?.pixelSize ?? pixelSize(size, channels), channels),
  };
}

type LearningRateOptions = Pick<Config['training'], 'learningRate' | 'warmup' | 'schedule'>;

/** The learning rate over a run: a linear rise over the warm-up's share of the steps, then the schedule. */
export function learningRateOf({ learningRate, warmup, schedule }: LearningRateOptions): RunSchedule {
  return (totalSteps) => {
    const warmupSteps = Math.round(warmup * totalSteps);
    if (schedule === 'cosine') return cosineSchedule({ steps: totalSteps, start: learningRate, warmupSteps });
    const end = schedule === 'linear' ? 0 : learningRate;
    const after = linearSchedule({ start: learningRate, end, steps: totalSteps - warmupSteps });
    return (step) => (step < warmupSteps ? (learningRate * (step + 1)) / warmupSteps : after(step - warmupSteps));
  };
}

function make<K extends 'augmentation' | 'objective' | 'optimizer'>(registry: Registry, kind: K, part: NamedPart) {
  const { name, options } = partOf(part);
  return registry.make(kind, name, options);
}

/** Views that normalise otherwise than by default say so in their option `normalise`, and evaluation follows. */
function plainView(registry: Registry, views: NamedPart, size: number, channels: number): Promise<ViewPipeline> {
  const { normalise } = partOf(views).options; // views made by name are square
  const options = { size, channels, ...(normalise === undefined ? {} : { normalise }) };
  return registry.make('augmentation', 'evaluation', options);
}

/** Linear classifiers on pixels cost the cube of their number, and see little more in many. */
function pixelSize(size: number, channels: number): number {
  return Math.min(size, Math.floor(Math.sqrt(1024 / channels)));
}
