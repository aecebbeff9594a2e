import {
  type HostTensors,
  type RandomKey,
  randomStream,
  sizeOf,
  type TensorSpecs,
  type ViewPipeline,
} from '@unlabel/core';
import { sharedMemory } from './sharedMemory';

/** A sample to make views of. */
export interface SampleToRender {
  /** Which of the data set it is. */ readonly index: number;
  readonly sample: unknown;
  /** Which it stands in for, since that cannot be read. */ readonly replaces?: number;
}

/** Samples whose views go into one batch. */
export interface BatchToRender {
  readonly samples: readonly SampleToRender[];
  /** With a sample's index, and that of one which it replaces, the key of the stream that its views are drawn from. */ readonly key: RandomKey;
}

/** An array for each output of a pipeline, `[batch, ...shape]`. */
export type ViewArrays = Readonly<Record<string, Float32Array | Int32Array>>;

/**
 * Room for what a pipeline makes of a batch, in memory that threads share: arrays that move from one to another count
 * as external memory that came and went, and at tens of megabytes a batch V8 collects garbage for it all the time.
 */
export function allocateViews({ outputs }: Pick<ViewPipeline, 'outputs'>, batchSize: number): ViewArrays {
  const arrays = Object.entries(outputs).map(([name, { shape, dtype }]) => {
    const memory = sharedMemory(4 * batchSize * sizeOf(shape));
    return [name, dtype === 'float32' ? new Float32Array(memory) : new Int32Array(memory)] as const;
  });
  return Object.fromEntries(arrays);
}

/**
 * Draws and renders every view of every sample; the same wherever it runs, since each sample brings its own stream.
 * @param onRow is called before each sample, with its place in the batch
 */
export function renderBatch(
  views: ViewPipeline<unknown, unknown>,
  { samples, key }: BatchToRender,
  arrays: ViewArrays,
  onRow: (row: number) => void = () => undefined,
): void {
  const outputs = Object.entries(views.outputs).flatMap(([name, { shape }]) => {
    const array = arrays[name];
    return array ? [{ name, array, size: sizeOf(shape) }] : [];
  });
  for (const [row, sample] of samples.entries()) {
    onRow(row);
    const targets = outputs.map(({ name, array, size }) => [name, array.subarray(row * size, (row + 1) * size)]);
    views.render(sample.sample, drawSample(views, key, sample), Object.fromEntries(targets));
  }
}

/** The specs of what a pipeline makes of so many samples. */
export function specsOfViews({ outputs }: Pick<ViewPipeline, 'outputs'>, count: number): TensorSpecs {
  const specs = Object.entries(outputs).map(
    ([name, { shape, dtype }]) => [name, { shape: [count, ...shape], dtype }] as const,
  );
  return Object.fromEntries(specs);
}

/** What the pipeline draws for a sample of a batch with that key: from a stream of the sample's own. */
export function drawSample<Parameters>(
  views: ViewPipeline<Parameters, unknown>,
  key: RandomKey,
  { sample, index, replaces }: SampleToRender,
): Parameters {
  return views.draw(randomStream(replaces === undefined ? [...key, index] : [...key, index, replaces]), sample);
}

/** The first `count` samples of the arrays as tensors, without a copy. */
export function tensorsOf({ outputs }: Pick<ViewPipeline, 'outputs'>, arrays: ViewArrays, count: number): HostTensors {
  const tensors = Object.entries(arrays).map(([name, array]) => {
    const shape = [count, ...(outputs[name]?.shape ?? [])];
    const size = sizeOf(shape);
    if (array instanceof Int32Array) return [name, { dtype: 'int32', shape, data: array.subarray(0, size) }] as const;
    return [name, { dtype: 'float32', shape, data: array.subarray(0, size) }] as const;
  });
  return Object.fromEntries(tensors);
}
