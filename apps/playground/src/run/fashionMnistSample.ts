import { type Dataset, UnlabelError } from '@unlabel/core';
import { idxImages } from '@unlabel/data';
import { classNames } from '@unlabel/dataset-fashion-mnist';
import { z } from 'zod';

/** What the build writes of Fashion-MNIST beside the page. */
const indexSchema = z.object({
  length: z.int().positive(),
  fingerprint: z.string(),
  /** A digit for each image. */ labels: z.string().regex(/^\d+$/),
  parts: z.array(z.object({ from: z.int(), to: z.int(), file: z.string() })),
});

/**
 * Fashion-MNIST's 10,000 images, as `fashionMnist()` gives them, but for some that the page never reads; the files that
 * hold them are fetched when the first of their images is read.
 * @throws UnlabelError `DATASET_NOT_FOUND`
 */
export async function fashionMnistSample(): Promise<Dataset> {
  const { length, fingerprint, labels, parts } = indexSchema.parse(await (await found('index.json')).json());
  const loading = new Map<string, Promise<Dataset>>();
  const load = (file: string) => {
    const dataset = loading.get(file) ?? idxImages({ images: urlOf(file) });
    loading.set(file, dataset);
    dataset.catch(() => loading.delete(file)); // asked for again another time
    return dataset;
  };
  return {
    name: 'fashion-mnist-10k',
    length,
    fingerprint,
    labels: { classes: classNames, values: Int32Array.from(labels, Number) },
    sampleName: String,
    read: async (index) => {
      const part = parts.find(({ from, to }) => from <= index && index < to);
      if (!part) throw new UnlabelError('INVALID_OPTION', `The page has no image ${index} of Fashion-MNIST.`);
      return (await load(part.file)).read(index - part.from);
    },
  };
}

/** Beside the folder of the worker's script. */
function urlOf(file: string): URL {
  return new URL(`../fashion-mnist/${file}`, location.href);
}

async function found(file: string): Promise<Response> {
  try {
    const response = await fetch(urlOf(file));
    if (response.ok) return response;
    throw new Error(`${response.status} ${response.statusText}`);
  } catch (cause) {
    throw new UnlabelError('DATASET_NOT_FOUND', `${urlOf(file)} cannot be fetched: ${String(cause)}.`, {
      fix: 'Check the connection, or drop a folder of your own images.',
      cause,
    });
  }
}
