import {
  type Batch,
  type BatchSource,
  hostTensor,
  type RandomStream,
  randomStream,
  sizeOf,
  UnlabelError,
} from '@unlabel/core';
import type { LabelledInputs } from './labelledInputs';

export interface LabelledBatchesOptions {
  /** Shape of an input, such as `[28, 28, 1]`. */ readonly inputShape: readonly number[];
  /** Samples of a batch, at most as many as there are (default 256). */ readonly batchSize?: number;
  /** Changes a copy of an input, `inputShape` row-major, in place, anew in every epoch (default: nothing). */
  readonly augment?: (input: Float32Array, random: RandomStream) => void;
  /** Of order and augmentation (default 0). */ readonly seed?: number;
}

/**
 * Batches of inputs that are in memory, one view each, with labels: for training on labels without a loader. Samples of
 * label −1 are left out, and so is what would be a last batch of one.
 * @throws UnlabelError `SHAPE_MISMATCH`, `LABELS_MISMATCH`, `LABELS_MISSING`, `INVALID_OPTION`
 */
export function labelledBatches(data: LabelledInputs, options: LabelledBatchesOptions): BatchSource {
  const { inputShape, augment, seed = 0 } = options;
  const size = sizeOf(inputShape);
  const rows = usable(data, size);
  const batchSize = Math.min(options.batchSize ?? 256, rows.length);
  if (!(Number.isInteger(batchSize) && batchSize >= 1)) {
    throw new UnlabelError('INVALID_OPTION', `batchSize is ${batchSize}.`, { fix: 'Give a whole number from 1.' });
  }
  const left = rows.length % batchSize;
  const samples = left === 1 ? rows.length - 1 : rows.length;
  const batchesPerEpoch = Math.ceil(samples / batchSize);
  const batchAt = (epoch: number, order: Int32Array, from: number): Batch => {
    const indices = order.subarray(from, Math.min(from + batchSize, samples)).map((place) => rows[place] ?? 0);
    const views = new Float32Array(indices.length * size);
    indices.forEach((sample, place) => {
      const view = views.subarray(place * size, (place + 1) * size);
      view.set(data.inputs.subarray(sample * size, (sample + 1) * size));
      augment?.(view, randomStream([seed, 'labelled-batches', epoch, sample]));
    });
    const labels = indices.map((sample) => data.labels[sample] ?? 0);
    return {
      indices,
      inputs: {
        'views/0': hostTensor(views, [indices.length, ...inputShape]),
        labels: { dtype: 'int32', shape: [indices.length], data: labels },
      },
    };
  };
  return {
    batchSize,
    batchesPerEpoch,
    samples,
    specs: {
      'views/0': { shape: [batchSize, ...inputShape], dtype: 'float32' },
      labels: { shape: [batchSize], dtype: 'int32' },
    },
    fingerprint: `labelled-batches ${rows.length} × [${inputShape}] by ${batchSize}, seed ${seed}`,
    epoch: async function* (epoch, from = 0) {
      const order = randomStream([seed, 'labelled-batches', epoch]).permutation(rows.length);
      for (let batch = from; batch < batchesPerEpoch; batch++) yield batchAt(epoch, order, batch * batchSize);
    },
    unreadable: [],
    waitedSeconds: 0,
    dispose: async () => undefined,
  };
}

/** The samples that have a label. */
function usable({ inputs, count, labels, classes }: LabelledInputs, size: number): Int32Array {
  if (inputs.length !== count * size) {
    throw new UnlabelError('SHAPE_MISMATCH', `${inputs.length} values are not ${count} inputs of ${size}.`, {
      fix: 'Give one input of inputShape per sample.',
    });
  }
  const bad = labels.findIndex((label) => label < -1 || label >= classes);
  if (labels.length !== count || bad >= 0) {
    const message = `There are ${labels.length} labels for ${count} samples${bad < 0 ? '' : `, and label ${labels[bad]}`}.`;
    throw new UnlabelError('LABELS_MISMATCH', message, {
      fix: `Give a class from 0 to ${classes - 1} per sample, or −1 where it is not known.`,
    });
  }
  const rows = Int32Array.from(labels.keys()).filter((row) => (labels[row] ?? -1) >= 0);
  if (rows.length > 0) return rows;
  throw new UnlabelError('LABELS_MISSING', 'No sample has a label.', { fix: 'Give labelled samples.' });
}
