import { initialise } from '@unlabel/core';
import { exportOnnx } from '../src/index';
import { loadOnnxRuntime } from '../src/runtime/onnxRuntime';
import { toOnnx } from '../src/runtime/residentState';
import { countParameters, encoderOf, noise } from './models';
import type { Row } from './rows';
import type { Workload } from './workload';

/** Exports the encoder of a row and runs the file as any user of ONNX Runtime would. */
export async function embeddingWorkload(row: Row, threads: number): Promise<Workload> {
  const encoder = encoderOf(row.encoder);
  const weights = initialise(encoder.variables, 0);
  const runtime = await loadOnnxRuntime();
  const started = performance.now();
  const file = exportOnnx(encoder, weights);
  const session = await runtime.InferenceSession.create(file, { intraOpNumThreads: threads });
  const startup = performance.now() - started;
  const view0 = noise(row, 'view0');
  const input = toOnnx(runtime, view0);
  return {
    parameters: countParameters(encoder.variables),
    startup,
    tensors: {
      ...Object.fromEntries(Object.entries(weights).map(([name, weight]) => [`encoder/${name}`, weight])),
      view0,
    },
    run: async () => {
      const { features } = await session.run({ input });
      if (!(features?.data instanceof Float32Array)) throw new Error('The exported encoder gave no features.');
      return features.data.reduce((sum, feature) => sum + Math.abs(feature), 0) / features.data.length;
    },
  };
}
