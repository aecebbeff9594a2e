import { type Dataset, randomStream, UnlabelError, type UnreadableSample } from '@unlabel/core';
import type { BatchToRender, SampleToRender } from './renderBatch';

/** The samples of one batch, each unreadable one replaced. */
export interface ReadSamples extends BatchToRender {
  readonly indices: Int32Array;
  /** What could not be read on the way. */ readonly unreadable: readonly UnreadableSample[];
}

/** What became of reading a sample. */
type Read = { readonly sample: unknown } | UnreadableSample;

/** Reads the samples at `indices` for an epoch. */
export type ReadSamplesOf = (indices: Int32Array, epoch: number) => Promise<ReadSamples>;

/**
 * Reads samples and replaces those that cannot be read by others of the same epoch. Which ones depends on the seed, the
 * epoch and the unreadable sample alone, so that it is the same after a resume and with any number of workers.
 */
export function readableSamples(dataset: Dataset<unknown>, seed: number): ReadSamplesOf {
  const known = new Map<number, UnreadableSample>();

  const refuse = (index: number, error: unknown): UnreadableSample => {
    if (!UnlabelError.is(error, 'SAMPLE_UNREADABLE')) throw error;
    const unreadable = { index, name: dataset.sampleName(index), reason: error.message };
    known.set(index, unreadable);
    return unreadable;
  };

  /** Without a promise where the data set needs none: at tens of thousands of samples a second, promises cost time. */
  const readOne = (index: number): Read | Promise<Read> => {
    const seen = known.get(index);
    if (seen) return seen;
    try {
      const sample = dataset.read(index);
      if (!(sample instanceof Promise)) return { sample };
      return sample.then(
        (value) => ({ sample: value }),
        (error) => refuse(index, error),
      );
    } catch (error) {
      return refuse(index, error);
    }
  };

  return async (indices, epoch) => {
    const unreadable: UnreadableSample[] = [];
    const replace = async (missing: number): Promise<SampleToRender> => {
      const random = randomStream([seed, 'replacement', epoch, missing]);
      while (known.size < dataset.length) {
        const index = random.integer(dataset.length);
        const read = await readOne(index);
        if ('sample' in read) return { index, sample: read.sample, replaces: missing };
        unreadable.push(read);
      }
      throw new UnlabelError('TOO_MANY_UNREADABLE', `Not one sample of ${dataset.name} can be read.`);
    };
    const take = (index: number, read: Read): SampleToRender | Promise<SampleToRender> => {
      if ('sample' in read) return { index, sample: read.sample };
      unreadable.push(read);
      return replace(index);
    };
    const rows = Array.from(indices, (index) => {
      const read = readOne(index);
      return read instanceof Promise ? read.then((settled) => take(index, settled)) : take(index, read);
    });
    const samples = rows.every(isReady) ? rows : await Promise.all(rows);
    return {
      samples,
      key: [seed, 'views', epoch],
      indices: Int32Array.from(samples, ({ index }) => index),
      unreadable,
    };
  };
}

function isReady(row: SampleToRender | Promise<SampleToRender>): row is SampleToRender {
  return !(row instanceof Promise);
}
