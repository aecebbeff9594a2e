import { type Dataset, type Labels, randomStream, type Stretches, UnlabelError } from '@unlabel/core';
import { requireSampleIndex } from './sampleIndex';

/** Where to cut a data set in two: after a count, or after a share of a seeded random order. */
export type SplitOptions =
  | { /** Samples in the first part, which are the first ones. */ readonly at: number }
  | {
      /** Share of the samples in the first part, in (0, 1); they are drawn at random. */ readonly share: number;
      /** Seed of that draw. */ readonly seed: number;
    };

/**
 * The samples at `indices`, in that order, with their labels.
 * @throws UnlabelError `INVALID_OPTION` for an index outside the data set; from `read()`, outside the subset
 */
export function subset<Sample>(dataset: Dataset<Sample>, indices: ArrayLike<number>): Dataset<Sample> {
  const chosen = Int32Array.from(indices);
  for (const index of Array.from(indices)) requireSampleIndex(index, dataset);
  const original = (index: number) => chosen[index] ?? -1;
  const labels: Labels | undefined = dataset.labels && {
    values: chosen.map((index) => dataset.labels?.values[index] ?? -1),
    classes: dataset.labels.classes,
  };
  return {
    name: dataset.name,
    length: chosen.length,
    read: (index) => {
      requireSampleIndex(index, { name: dataset.name, length: chosen.length });
      return dataset.read(original(index));
    },
    sampleName: (index) => dataset.sampleName(original(index)),
    fingerprint: `${dataset.fingerprint}[${chosen.length}:${hashIndices(chosen)}]`,
    ...(dataset.modality && { modality: dataset.modality }),
    ...(dataset.stretches && { stretches: stretchesOf(chosen, dataset.stretches) }),
    ...(labels && { labels }),
  };
}

/** Neighbours from one stretch stay one. */
function stretchesOf(chosen: Int32Array, { starts, together }: Stretches): Stretches {
  let stretch = -1;
  const begins = (index: number) => {
    const before = stretch;
    if (index < (starts[stretch] ?? 0)) stretch = 0;
    while (index >= (starts[stretch + 1] ?? Number.POSITIVE_INFINITY)) stretch++;
    return stretch !== before;
  };
  const kept = Array.from(chosen.keys()).filter((at) => begins(chosen[at] ?? 0));
  return { starts: Int32Array.from(kept), together };
}

/**
 * Cuts a data set in two parts that share no sample: `split(dataset, { at: 8000 })` or
 * `split(dataset, { share: 0.9, seed: 1 })`. Each part keeps the data set's order.
 * @throws UnlabelError `INVALID_OPTION` when a part would be empty
 */
export function split<Sample>(
  dataset: Dataset<Sample>,
  options: SplitOptions,
): readonly [Dataset<Sample>, Dataset<Sample>] {
  const { length } = dataset;
  const at = 'at' in options ? options.at : Math.round(length * options.share);
  if (!Number.isInteger(at) || at < 1 || at >= length) {
    throw new UnlabelError('INVALID_OPTION', `Cutting ${length} samples after ${at} leaves a part empty.`, {
      fix: `Cut after 1 to ${length - 1}.`,
    });
  }
  const order =
    'at' in options ? Int32Array.from({ length }, (_, index) => index) : shuffledOrder(length, options.seed);
  return [subset(dataset, order.subarray(0, at).toSorted()), subset(dataset, order.subarray(at).toSorted())];
}

function shuffledOrder(length: number, seed: number): Int32Array {
  return randomStream([seed, 'split']).permutation(length);
}

/** FNV-1a over the indices: enough to notice another choice. */
function hashIndices(indices: Int32Array): string {
  const hash = indices.reduce((state, index) => Math.imul(state ^ index, 0x01000193), 0x811c9dc5);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
