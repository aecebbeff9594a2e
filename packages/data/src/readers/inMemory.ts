import {
  type Dataset,
  type ImageSample,
  type Labels,
  type Modality,
  type PairSample,
  type RowSample,
  type SeriesSample,
  type TextSample,
  UnlabelError,
} from '@unlabel/core';
import { requireSampleIndex } from '../sampleIndex';

/** What samples in memory are, and what to call them. */
export interface InMemoryOptions {
  /** What the samples are (default `'image'`). */ readonly modality?: Modality;
  /** What to call the data set (default `'memory'`). */ readonly name?: string;
  /** One label per sample, for evaluation only. */ readonly labels?: Labels;
  /** Most bytes to hold (default 1 GiB). */ readonly maxBytes?: number;
}

/** A sample of any kind. */
export type AnySample = ImageSample | SeriesSample | TextSample | PairSample | RowSample;

/**
 * Samples that are there already, or that come one by one: an array, or anything that can be iterated, also
 * asynchronously, such as rows of a database. All are held in memory, up to a bound: only so can each epoch have an order
 * of its own and a run go on from the middle of one. What does not fit belongs in files of one of the other formats.
 * @throws UnlabelError `DATASET_EMPTY`, `DATASET_TOO_LARGE`, `LABELS_MISMATCH`; `INVALID_OPTION` for a sample that is not
 * of the modality
 */
export async function inMemory<Sample extends AnySample>(
  source: Iterable<Sample> | AsyncIterable<Sample>,
  options: InMemoryOptions = {},
): Promise<Dataset<Sample>> {
  const { modality = 'image', name = 'memory', labels, maxBytes = 2 ** 30 } = options;
  const samples: Sample[] = [];
  const digests: Uint8Array[] = [];
  let total = 0;
  for await (const sample of source) {
    requireModality(sample, modality, samples.length);
    total += bytesOf(sample);
    if (total > maxBytes) {
      throw new UnlabelError('DATASET_TOO_LARGE', `${name} has more than ${maxBytes} bytes.`, {
        fix: 'Raise `maxBytes`, take fewer samples, or write them to files that are read piece by piece.',
      });
    }
    samples.push(sample);
    digests.push(await digestOf(sample));
  }
  const { length } = samples;
  if (length === 0) throw new UnlabelError('DATASET_EMPTY', `${name} holds no samples.`);
  if (labels && labels.values.length !== length) {
    throw new UnlabelError(
      'LABELS_MISMATCH',
      `There are ${labels.values.length} labels for ${length} samples of ${name}.`,
    );
  }
  const digest = await sha256(new Uint8Array(await new Blob(digests.map((part) => part.slice())).arrayBuffer()));
  return {
    name,
    modality,
    length,
    read: (index) => {
      requireSampleIndex(index, { name, length });
      const sample = samples[index];
      if (!sample) throw new UnlabelError('SAMPLE_UNREADABLE', `Sample ${index} of ${name} is missing.`);
      return sample;
    },
    sampleName: (index) => String(index),
    fingerprint: `memory:${length}:${hexOf(digest)}`,
    ...(labels && { labels }),
  };
}

function requireModality(sample: AnySample, modality: Modality, index: number): void {
  const fits = {
    image: () => 'width' in sample && sample.data.length === sample.height * sample.width * sample.channels,
    series: () => 'length' in sample && sample.data.length === sample.length * sample.channels,
    text: () => 'text' in sample && !('image' in sample),
    pairs: () => 'text' in sample && 'image' in sample,
    rows: () => 'data' in sample && sample.data instanceof Float32Array,
  };
  if (fits[modality]()) return;
  throw new UnlabelError('INVALID_OPTION', `Sample ${index} is none of modality '${modality}', or its size is wrong.`, {
    fix: 'Give `modality`, and `data` of height × width × channels, or length × channels.',
  });
}

/** Bytes of the values, two for each character of text. */
function bytesOf(sample: AnySample): number {
  if ('image' in sample) return sample.image.data.byteLength + 2 * sample.text.length;
  return 'text' in sample ? 2 * sample.text.length : sample.data.byteLength;
}

function digestOf(sample: AnySample): Promise<Uint8Array> {
  if ('image' in sample) {
    return Promise.all([digestOf(sample.image), digestOf({ text: sample.text })]).then(([image, text]) =>
      sha256(Uint8Array.of(...image, ...text)),
    );
  }
  if ('text' in sample) return sha256(new TextEncoder().encode(sample.text));
  const { buffer, byteOffset, byteLength } = sample.data;
  return sha256(new Uint8Array(buffer, byteOffset, byteLength).slice());
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
