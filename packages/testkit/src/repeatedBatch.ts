import {
  type BatchSource,
  type HostTensor,
  type HostTensors,
  hostTensor,
  type RandomKey,
  randomStream,
  sizeOf,
  specsOf,
} from '@unlabel/core';

/**
 * A source for `pretrain` that gives the same batch over and over: what a short training of an objective or a backend needs.
 * @param inputs of the step, `[batch, …]` each
 * @param batchesPerEpoch batches in an epoch (default 1)
 */
export function repeatedBatch(inputs: HostTensors, batchesPerEpoch = 1): BatchSource {
  const [batchSize = 0] = Object.values(inputs)[0]?.shape ?? [];
  return {
    batchSize,
    batchesPerEpoch,
    samples: batchesPerEpoch * batchSize,
    specs: specsOf(inputs),
    fingerprint: 'a repeated batch',
    epoch: async function* (_, from = 0) {
      for (let batch = from; batch < batchesPerEpoch; batch++) yield { inputs, indices: new Int32Array(batchSize) };
    },
    unreadable: [],
    waitedSeconds: 0,
    dispose: async () => undefined,
  };
}

/** Standard normal numbers, the same for the same key. */
export function normalTensor(key: RandomKey, shape: readonly number[]): HostTensor {
  return hostTensor(Float32Array.from({ length: sizeOf(shape) }, randomStream(key).normal), shape);
}
