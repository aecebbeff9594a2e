import { type Dataset, UnlabelError } from '@unlabel/core';
import { requireSampleIndex } from './sampleIndex';
import { sharedMemory } from './sharedMemory';

/** How much a cache may hold. */
export interface CacheOptions {
  /** Bytes of decoded samples (default 512 MiB); samples beyond are read again each time. */ readonly maxBytes?: number;
}

type Values = Uint8Array | Float32Array;

const blockBytes = 16 * 2 ** 20;
const textBytes = 64; // of an object that holds a text, beside its characters

/**
 * Keeps decoded samples, up to a bound, so that each is decoded once: pixels and values in memory that threads share, so
 * that they are sent to workers without a copy. Samples that are in shared memory already, and those of no kind that core
 * knows, are passed through.
 */
export function cached<Sample>(dataset: Dataset<Sample>, options: CacheOptions = {}): Dataset<Sample> {
  const { maxBytes = 512 * 2 ** 20 } = options;
  if (!(maxBytes >= 0)) throw new UnlabelError('INVALID_OPTION', `A cache of ${maxBytes} bytes is none.`);
  const kept = new Map<number, Sample>();
  let total = 0;
  let block: Uint8Array = new Uint8Array(0);
  let used = 0;

  const allocate = (bytes: number): Uint8Array => {
    const room = Math.ceil(bytes / 4) * 4; // numbers begin at multiples of four
    if (used + room > block.length) {
      block = new Uint8Array(sharedMemory(Math.max(room, Math.min(blockBytes, maxBytes - total))));
      used = 0;
    }
    used += room;
    return block.subarray(used - room, used - room + bytes);
  };

  const keep = (index: number, sample: Sample): Sample => {
    const other = kept.get(index); // read twice at once
    if (other) return other;
    const values = valuesOf(sample);
    const bytes =
      (values?.byteLength ?? 0) + (textOf(sample) === undefined ? 0 : textBytes + 2 * (textOf(sample)?.length ?? 0));
    if (bytes === 0 || (values && isShared(values)) || total + bytes > maxBytes) return sample;
    const copy = values ? withValues(sample, shared(values, allocate(values.byteLength))) : sample;
    total += bytes;
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

/** The pixels or values of a sample, or of the image of a pair. */
function valuesOf(sample: unknown): Values | undefined {
  if (typeof sample !== 'object' || sample === null) return undefined;
  if ('image' in sample) return valuesOf(sample.image);
  if (!('data' in sample)) return undefined;
  return sample.data instanceof Uint8Array || sample.data instanceof Float32Array ? sample.data : undefined;
}

function textOf(sample: unknown): string | undefined {
  if (typeof sample !== 'object' || sample === null || !('text' in sample)) return undefined;
  return typeof sample.text === 'string' ? sample.text : undefined;
}

/** The same sample with its values elsewhere. */
function withValues<Sample>(sample: Sample, data: Values): Sample {
  if (typeof sample === 'object' && sample !== null && 'image' in sample) {
    return { ...sample, image: withValues(sample.image, data) };
  }
  return { ...sample, data };
}

function shared(values: Values, room: Uint8Array): Values {
  room.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return values instanceof Float32Array ? new Float32Array(room.buffer, room.byteOffset, values.length) : room;
}

function isShared(values: Values): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && values.buffer instanceof SharedArrayBuffer;
}
