import { type HostTensors, type RandomKey, randomStream, sizeOf, type ViewPipeline } from '@unlabel/core';

/** A sample to make views of, and the key of the stream that their parameters come from. */
export interface SampleToRender {
  readonly sample: unknown;
  readonly key: RandomKey;
}

/** An array for each output of a pipeline, `[batch, ...shape]`: ordinary memory, which can move between threads. */
export type ViewArrays = Readonly<Record<string, Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>>;

/** Room for what a pipeline makes of a batch. */
export function allocateViews({ outputs }: Pick<ViewPipeline, 'outputs'>, batchSize: number): ViewArrays {
  const arrays = Object.entries(outputs).map(([name, { shape, dtype }]) => {
    const size = batchSize * sizeOf(shape);
    return [name, dtype === 'float32' ? new Float32Array(size) : new Int32Array(size)] as const;
  });
  return Object.fromEntries(arrays);
}

/** Draws and renders every view of every sample; the same wherever it runs, since each sample brings its own stream. */
export function renderBatch(
  views: ViewPipeline<unknown, unknown>,
  samples: readonly SampleToRender[],
  arrays: ViewArrays,
): void {
  const outputs = Object.entries(views.outputs).flatMap(([name, { shape }]) => {
    const array = arrays[name];
    return array ? [{ name, array, size: sizeOf(shape) }] : [];
  });
  for (const [row, { sample, key }] of samples.entries()) {
    const targets = outputs.map(({ name, array, size }) => [name, array.subarray(row * size, (row + 1) * size)]);
    views.render(sample, views.draw(randomStream(key), sample), Object.fromEntries(targets));
  }
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
