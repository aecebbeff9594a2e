import { type Dataset, type ImageSample, type Registry, randomStream, UnlabelError } from '@unlabel/core';
import { subset } from '@unlabel/data';
import { type NamedPart, partOf } from '../config/configSchema';

/** Some samples of a data set: all, those of a range, or a share of a fixed random order. */
export interface SampleChoice {
  readonly dataset: NamedPart;
  /** First sample, and the one after the last. */ readonly range?: readonly [number, number] | undefined;
  /** From and to, in [0, 1], of an order that is the same for every seed: `[0, 0.8]` and `[0.8, 1]` share no sample. */
  readonly share?: readonly [number, number] | undefined;
}

/**
 * Opens a choice of images.
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_EMPTY`, `INVALID_OPTION` for a range outside the data set
 */
export async function openSamples(registry: Registry, choice: SampleChoice): Promise<Dataset> {
  const { name, options } = partOf(choice.dataset);
  const dataset = await registry.make('dataset', name, options);
  if (!holdsImages(dataset, await firstReadable(dataset))) {
    throw new UnlabelError('INVALID_OPTION', `The dataset '${name}' does not hold images.`, {
      fix: 'Encoders of images need images: see `unlabel list dataset`.',
    });
  }
  if (choice.range) return subset(dataset, indicesOf(dataset, choice.range));
  if (choice.share) return subset(dataset, shareOf(dataset, choice.share));
  return dataset;
}

function indicesOf(dataset: Dataset, [from, to]: readonly [number, number]): Int32Array {
  if (from >= to || to > dataset.length) {
    throw new UnlabelError(
      'INVALID_OPTION',
      `The range [${from}, ${to}] is not within ${dataset.name}, which holds ${dataset.length}.`,
      {
        fix: `Give two numbers from 0 to ${dataset.length}, the smaller first.`,
      },
    );
  }
  return Int32Array.from({ length: to - from }, (_, index) => from + index);
}

function shareOf(dataset: Dataset, [from, to]: readonly [number, number]): Int32Array {
  const order = randomStream(['share']).permutation(dataset.length);
  const chosen = order.subarray(Math.round(from * dataset.length), Math.round(to * dataset.length));
  if (chosen.length > 0) return chosen.toSorted();
  throw new UnlabelError(
    'INVALID_OPTION',
    `The share [${from}, ${to}] of ${dataset.name} holds no sample of ${dataset.length}.`,
    {
      fix: 'Give two numbers from 0 to 1, the smaller first.',
    },
  );
}

/** The first sample that can be read; which ones cannot, the loader reports later. */
async function firstReadable(dataset: Dataset<unknown>): Promise<unknown> {
  for (let index = 0; index < dataset.length; index++) {
    const sample = await readable(dataset, index);
    if (sample !== undefined) return sample;
  }
  throw new UnlabelError('DATASET_EMPTY', `None of the ${dataset.length} samples of ${dataset.name} can be read.`, {
    fix: 'Check that they are images.',
  });
}

function holdsImages(dataset: Dataset<unknown>, sample: unknown): dataset is Dataset<ImageSample> {
  return dataset.length > 0 && isImage(sample);
}

function isImage(sample: unknown): sample is ImageSample {
  return (
    typeof sample === 'object' && sample !== null && 'height' in sample && 'width' in sample && 'channels' in sample
  );
}

/** A sample, or `undefined` where it cannot be read. */
export async function readable<Sample>(dataset: Dataset<Sample>, index: number): Promise<Sample | undefined> {
  try {
    return await dataset.read(index);
  } catch (error) {
    if (UnlabelError.is(error, 'SAMPLE_UNREADABLE')) return undefined;
    throw error;
  }
}
