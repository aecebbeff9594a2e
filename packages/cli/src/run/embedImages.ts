import { type Dataset, randomStream, sizeOf, UnlabelError, type ViewPipeline } from '@unlabel/core';

/** Features of the images that could be read. */
export interface ImageFeatures {
  /** Row-major `[indices.length, dim]`. */ readonly features: Float32Array;
  readonly dim: number;
  /** Which samples the rows are of. */ readonly indices: Int32Array;
  /** Names of the images that could not be read. */ readonly unreadable: readonly string[];
}

/** Turns preprocessed images `[count, ...inputShape]` into features `[count, dim]`. */
export type Embed = (inputs: Float32Array, count: number) => Promise<Float32Array>;

/** The preprocessed pixels themselves, the baseline that an encoder must beat. */
export const rawPixels: Embed = async (inputs) => inputs.slice();

const chunk = 250;

/** Embeds every readable image of a data set as its one evaluation view shows it. */
export async function embedImages(dataset: Dataset, view: ViewPipeline, embed: Embed): Promise<ImageFeatures> {
  const size = sizeOf(view.outputs['views/0']?.shape ?? []);
  const inputs = new Float32Array(chunk * size);
  const parts: Float32Array[] = [];
  const indices: number[] = [];
  const unreadable: string[] = [];
  let held = 0;
  const flush = async () => {
    if (held > 0) parts.push(await embed(inputs.subarray(0, held * size), held));
    held = 0;
  };
  for (let index = 0; index < dataset.length; index++) {
    const target = inputs.subarray(held * size, (held + 1) * size);
    if (!(await renderImage(dataset, index, view, target))) {
      unreadable.push(dataset.sampleName(index));
      continue;
    }
    indices.push(index);
    held++;
    if (held === chunk) await flush();
  }
  await flush();
  const features = joined(parts);
  const dim = features.length / Math.max(1, indices.length);
  return { features, dim, indices: Int32Array.from(indices), unreadable };
}

/** Renders one image; `false` where it cannot be read. */
async function renderImage(
  dataset: Dataset,
  index: number,
  view: ViewPipeline,
  target: Float32Array,
): Promise<boolean> {
  try {
    const image = await dataset.read(index);
    view.render(image, view.draw(randomStream(['evaluation', index]), image), { 'views/0': target });
    return true;
  } catch (error) {
    if (UnlabelError.is(error, 'IMAGE_UNREADABLE')) return false;
    throw error;
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
