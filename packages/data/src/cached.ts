import { type Dataset, type ImageSample, UnlabelError } from '@unlabel/core';
import { requireSampleIndex } from './sampleIndex';
import { sharedMemory } from './sharedMemory';

/** How much a cache may hold. */
export interface CacheOptions {
  /** Bytes of decoded pixels (default 512 MiB); samples beyond are read again each time. */ readonly maxBytes?: number;
}

const blockBytes = 16 * 2 ** 20;

/**
 * Keeps decoded samples, up to a bound, in memory that threads share, so that each is decoded once and sent to workers
 * without a copy. Samples that are in shared memory already are passed through.
 */
export function cached(dataset: Dataset, options: CacheOptions = {}): Dataset {
  const { maxBytes = 512 * 2 ** 20 } = options;
  if (!(maxBytes >= 0)) throw new UnlabelError('INVALID_OPTION', `A cache of ${maxBytes} bytes is none.`);
  const kept = new Map<number, ImageSample>();
  let total = 0;
  let block: Uint8Array = new Uint8Array(0);
  let used = 0;

  const keep = (index: number, sample: ImageSample): ImageSample => {
    const { length } = sample.data;
    const other = kept.get(index); // read twice at once
    if (other) return other;
    if (isShared(sample) || total + length > maxBytes) return sample;
    if (used + length > block.length) {
      block = new Uint8Array(sharedMemory(Math.max(length, Math.min(blockBytes, maxBytes - total))));
      used = 0;
    }
    const data = block.subarray(used, used + length);
    data.set(sample.data);
    used += length;
    total += length;
    const copy = { ...sample, data };
    kept.set(index, copy);
    return copy;
  };

  return {
    ...dataset,
    read: (index) => {
      requireSampleIndex(index, dataset);
      const known = kept.get(index);
      if (known) return known;
      const read = dataset.read(index);
      return read instanceof Promise ? read.then((sample) => keep(index, sample)) : keep(index, read);
    },
  };
}

function isShared({ data }: ImageSample): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && data.buffer instanceof SharedArrayBuffer;
}
