import { type Dataset, sizeOf } from '@unlabel/core';
import { type ConformanceCase, requireThat } from './conformanceCase';

/**
 * What must hold of every {@link Dataset}: a length, samples that read the same twice and together, names that differ,
 * labels that fit, and an end.
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
      name: 'gives images whose pixels fit their size',
      run: async () => {
        for (const index of probes) {
          const sample = await dataset.read(index);
          const pixels = imageSize(sample);
          if (pixels === undefined) continue; // not an image
          requireThat(
            pixels.found === pixels.needed,
            `Sample ${index} has ${pixels.found} values, not ${pixels.needed}.`,
          );
        }
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

function imageSize(sample: unknown): { readonly found: number; readonly needed: number } | undefined {
  if (typeof sample !== 'object' || sample === null || !('data' in sample) || !('height' in sample)) return undefined;
  const { data, height } = sample;
  const width = 'width' in sample ? sample.width : undefined;
  const channels = 'channels' in sample ? sample.channels : undefined;
  if (!(data instanceof Uint8Array)) return undefined;
  return { found: data.length, needed: sizeOf([Number(height), Number(width), Number(channels)]) };
}

function equal(first: unknown, second: unknown): boolean {
  return JSON.stringify(first) === JSON.stringify(second);
}
