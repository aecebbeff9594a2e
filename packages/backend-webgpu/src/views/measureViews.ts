import { type ImageSample, randomStream, sizeOf, tf, UnlabelError, type ViewPipeline } from '@unlabel/core';
import { registeredDevice } from '../device/tfjsDevice';
import { gpuViews } from './gpuViews';

/** What rendering views takes, here and now. */
export interface ViewsMeasurement {
  /** Views a second, parameters drawn and pixels uploaded in the same time. */ readonly gpu: number;
  /** Views a second of this thread alone, by the pipeline itself. */ readonly cpu: number;
  /** Dispatches of a batch: the mean, as not every view is blurred. */ readonly dispatches: number;
  /** Bytes sent to the GPU for a batch. */ readonly uploadedBytes: number;
  /** Bytes of a batch's views, which never leave the GPU. */ readonly viewBytes: number;
}

/** How to measure views. */
export interface MeasureViewsOptions {
  /** Seconds for the GPU, and again for the CPU (default 1 each, after a batch to warm up). */ readonly seconds?: number;
  /** Seeds the parameters (default 0). */ readonly seed?: number;
}

/**
 * Measures a pipeline's views on the device of the open session against the same on the CPU, batch by batch: what a page
 * shows of a machine. Pages stay responsive between batches on the GPU, not while the CPU has its turn.
 * @param pipeline one that `gpuViews` takes
 * @param images a batch
 * @throws UnlabelError as `gpuViews` and its `render`; `INVALID_OPTION` unless `seconds` is above 0
 */
export async function measureViews<Parameters>(
  pipeline: ViewPipeline<Parameters>,
  images: readonly ImageSample[],
  options: MeasureViewsOptions = {},
): Promise<ViewsMeasurement> {
  const { seconds = 1, seed = 0 } = options;
  if (!(seconds > 0)) throw new UnlabelError('INVALID_OPTION', `seconds is ${seconds}.`, { fix: 'Give more than 0.' });
  const views = gpuViews(pipeline);
  const draw = (batch: number) =>
    images.map((image, index) => pipeline.draw(randomStream([seed, 'views', batch, index]), image));
  const onGpu = async (batch: number) => {
    const value = tf.tidy(() => {
      const [first] = Object.values(views.render(images, draw(batch)));
      return tf.slice(tf.reshape(first ?? 0, [-1]), 0, 1);
    });
    await value.data(); // submits, waits, and throws what went wrong
    value.dispose();
  };
  const targets = targetsOf(pipeline);
  const onCpu = async (batch: number) => {
    for (const [index, drawn] of draw(batch).entries()) {
      const image = images[index];
      if (image) pipeline.render(image, drawn, targets);
    }
  };
  await onGpu(-1);
  const before = { dispatches: dispatches(), bytes: views.uploadedBytes() };
  const gpu = await batchesIn(seconds, onGpu);
  const made = { dispatches: dispatches() - before.dispatches, bytes: views.uploadedBytes() - before.bytes };
  await onCpu(-1);
  const cpu = await batchesIn(seconds, onCpu);
  const each = images.length * Object.keys(pipeline.outputs).filter((name) => name.startsWith('views/')).length;
  return {
    gpu: (each * gpu.batches) / gpu.seconds,
    cpu: (each * cpu.batches) / cpu.seconds,
    dispatches: made.dispatches / gpu.batches,
    uploadedBytes: made.bytes / gpu.batches,
    viewBytes: images.length * Object.values(targets).reduce((sum, { byteLength }) => sum + byteLength, 0),
  };
}

/** The programs of ours: reading back a value is tfjs's. */
function dispatches(): number {
  return registeredDevice()?.dispatcher.dispatches ?? 0;
}

function targetsOf({ outputs }: Pick<ViewPipeline, 'outputs'>): Record<string, Float32Array | Int32Array> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { shape, dtype }]) => [
      name,
      dtype === 'float32' ? new Float32Array(sizeOf(shape)) : new Int32Array(sizeOf(shape)),
    ]),
  );
}

async function batchesIn(
  seconds: number,
  run: (batch: number) => Promise<void>,
): Promise<{ batches: number; seconds: number }> {
  const start = performance.now();
  for (let batches = 1; ; batches++) {
    await run(batches - 1);
    const taken = (performance.now() - start) / 1000;
    if (taken >= seconds) return { batches, seconds: taken };
  }
}
