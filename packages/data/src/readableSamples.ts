import { type Dataset, randomStream, UnlabelError, type UnreadableSample } from '@unlabel/core';
import type { SampleToRender } from './renderBatch';

/** The samples of one batch, each unreadable one replaced. */
export interface ReadSamples {
  readonly samples: readonly SampleToRender[];
  readonly indices: Int32Array;
  /** What could not be read on the way. */ readonly unreadable: readonly UnreadableSample[];
}

/** Reads the samples at `indices` for an epoch. */
export type ReadSamplesOf = (indices: Int32Array, epoch: number) => Promise<ReadSamples>;

/**
 * Reads samples and replaces those that cannot be read by others of the same epoch. Which ones depends on the seed, the
 * epoch and the unreadable sample alone, so that it is the same after a resume and with any number of workers.
 */
export function readableSamples(dataset: Dataset<unknown>, seed: number): ReadSamplesOf {
  const known = new Map<number, UnreadableSample>();

  const readOne = async (index: number): Promise<{ readonly sample: unknown } | UnreadableSample> => {
    const seen = known.get(index);
    if (seen) return seen;
    try {
      return { sample: await dataset.read(index) };
    } catch (error) {
      if (!UnlabelError.is(error, 'IMAGE_UNREADABLE')) throw error;
      const unreadable = { index, name: dataset.sampleName(index), reason: error.message };
      known.set(index, unreadable);
      return unreadable;
    }
  };

  return async (indices, epoch) => {
    const unreadable: UnreadableSample[] = [];
    const replace = async (missing: number) => {
      const random = randomStream([seed, 'replacement', epoch, missing]);
      while (known.size < dataset.length) {
        const index = random.integer(dataset.length);
        const read = await readOne(index);
        if ('sample' in read) return { index, ...read, key: [seed, 'views', epoch, index, missing] };
        unreadable.push(read);
      }
      throw new UnlabelError('TOO_MANY_UNREADABLE', `Not one sample of ${dataset.name} can be read.`);
    };
    const rows = Array.from(indices, async (index) => {
      const read = await readOne(index);
      if ('sample' in read) return { index, ...read, key: [seed, 'views', epoch, index] };
      unreadable.push(read);
      return replace(index);
    });
    const samples = await Promise.all(rows);
    return { samples, indices: Int32Array.from(samples, ({ index }) => index), unreadable };
  };
}
