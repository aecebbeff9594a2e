import { type Dataset, type Modality, sizeOf } from '@unlabel/core';
import { type ConformanceCase, requireThat } from './conformanceCase';

/**
 * What must hold of every {@link Dataset}: a length, samples of its modality that read the same twice and together,
 * names that differ, labels that fit, and an end.
 * @param dataset whose samples can all be read
 */
export function datasetConformance(dataset: Dataset<unknown>): readonly ConformanceCase[] {
  const probes = [...new Set([0, Math.floor(dataset.length / 2), dataset.length - 1])];
  return [
    {
      name: 'has samples, a name and a fingerprint',
      run: async () => {
        requireThat(Number.isInteger(dataset.length) && dataset.length > 0, `length is ${dataset.length}.`);
        requireThat(dataset.name !== '' && dataset.fingerprint !== '', 'name or fingerprint is empty.');
      },
    },
    {
      name: 'reads the same sample twice, in any order and together',
      run: async () => {
        const once = await Promise.all(probes.map(async (index) => dataset.read(index)));
        const again = await Promise.all(probes.toReversed().map(async (index) => dataset.read(index)));
        const differing = probes.filter((_, at) => !equal(once[at], again.toReversed()[at]));
        requireThat(differing.length === 0, `Samples ${differing} read differently.`);
      },
    },
    {
      name: 'gives samples of its modality, whose values fit their size',
      run: async () => {
        const modality = dataset.modality ?? 'image';
        for (const index of probes) {
          const fault = faultOf[modality](await dataset.read(index));
          requireThat(fault === undefined, `Sample ${index} of a data set of '${modality}' ${fault}.`);
        }
      },
    },
    {
      name: 'has stretches that begin at the first sample and ascend, or none',
      run: async () => {
        const { starts = [0], together = 1 } = dataset.stretches ?? {};
        const ascending = starts.every((start, at) => start < (starts[at + 1] ?? dataset.length));
        requireThat(starts[0] === 0 && ascending, `The stretches begin at ${starts}, of ${dataset.length} samples.`);
        requireThat(Number.isInteger(together) && together >= 1, `${together} stretches are held at once.`);
      },
    },
    {
      name: 'names its samples apart',
      run: async () => {
        const names = new Set(probes.map((index) => dataset.sampleName(index)));
        requireThat(names.size === probes.length && !names.has(''), `The names are ${[...names].join(', ')}.`);
      },
    },
    {
      name: 'fails outside its range instead of making samples up',
      run: async () => {
        for (const index of [-1, dataset.length]) {
          const made = await Promise.resolve()
            .then(() => dataset.read(index))
            .then(
              () => true,
              () => false,
            );
          requireThat(!made, `read(${index}) gives a sample of ${dataset.length}.`);
        }
      },
    },
    {
      name: 'has a label of a known class for every sample, or no labels',
      run: async () => {
        const { labels } = dataset;
        if (!labels) return;
        const { values, classes } = labels;
        requireThat(
          values.length === dataset.length,
          `There are ${values.length} labels for ${dataset.length} samples.`,
        );
        const unknown = values.findIndex((label) => label < 0 || label >= classes.length);
        requireThat(
          unknown < 0,
          `Label ${values[unknown]} of sample ${unknown} is not one of ${classes.length} classes.`,
        );
      },
    },
  ];
}

/** What is wrong with a sample, by modality. */
const faultOf: Readonly<Record<Modality, (sample: unknown) => string | undefined>> = {
  image: (sample) => {
    if (!isRecord(sample) || !(sample.data instanceof Uint8Array)) return 'has no bytes as data';
    const { data, height, width, channels } = sample;
    const needed = sizeOf([Number(height), Number(width), Number(channels)]);
    if (channels !== 1 && channels !== 3) return `has ${channels} channels`;
    return data.length === needed ? undefined : `has ${data.length} values, not ${needed}`;
  },
  series: (sample) => {
    if (!isRecord(sample)) return 'is no object';
    const { data, length, channels } = sample;
    const needed = sizeOf([Number(length), Number(channels)]);
    return (
      faultOfNumbers(data) ?? (lengthOf(data) === needed ? undefined : `has ${lengthOf(data)} values, not ${needed}`)
    );
  },
  rows: (sample) => (isRecord(sample) ? faultOfNumbers(sample.data) : 'is no object'),
  text: (sample) => (isRecord(sample) && typeof sample.text === 'string' ? undefined : 'has no text'),
  pairs: (sample) => (isRecord(sample) ? (faultOf.image(sample.image) ?? faultOf.text(sample)) : 'is no object'),
};

function faultOfNumbers(data: unknown): string | undefined {
  if (!(data instanceof Float32Array) || data.length === 0) return 'has no float32 values';
  return data.every((value) => Number.isFinite(value)) ? undefined : 'has values that are not finite';
}

function lengthOf(data: unknown): number {
  return data instanceof Float32Array ? data.length : 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function equal(first: unknown, second: unknown): boolean {
  return JSON.stringify(first) === JSON.stringify(second);
}
