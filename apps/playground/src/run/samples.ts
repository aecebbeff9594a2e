import { type Dataset, type ImageSample, randomStream, sizeOf, UnlabelError, type ViewPipeline } from '@unlabel/core';
import { subset } from '@unlabel/data';
import type { LabelledInputs } from '@unlabel/eval';
import type { MapSamples } from './protocol';
import type { Settings } from './settings';

/** Images to learn from, and those that are only looked at. */
export interface Split {
  readonly learned: Dataset;
  /** Images of `learned` whose labels kNN knows. */ readonly bank: Dataset;
  /** Images that are never learned from. */ readonly heldOut: Dataset;
}

const bankSize = 800;
/** Images that are never learned from, at most. */
export const heldOutSize = 400;

/**
 * Parts a data set. Of Fashion-MNIST the first images are learned from and the last held out; of other images a fixed
 * random order decides, as `share` does in a config: `[0, 0.8]` to learn from and `[0.8, 1]` held out.
 */
export function splitSamples(dataset: Dataset, { data, images }: Pick<Settings, 'data' | 'images'>): Split {
  if (data === 'fashion-mnist') {
    const learned = subset(dataset, range(0, Math.min(images, dataset.length - heldOutSize)));
    return {
      learned,
      bank: subset(learned, range(0, Math.min(bankSize, learned.length))),
      heldOut: subset(dataset, range(dataset.length - heldOutSize, dataset.length)),
    };
  }
  const order = randomStream(['share']).permutation(dataset.length);
  const cut = Math.round(0.8 * dataset.length);
  return {
    learned: subset(dataset, order.subarray(0, cut).toSorted()),
    bank: subset(dataset, order.subarray(0, Math.min(bankSize, cut))),
    heldOut: subset(dataset, order.subarray(cut, cut + heldOutSize)),
  };
}

function range(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, at) => from + at);
}

/** Images as the encoder sees them outside training, with their labels where there are any. */
export interface Watched extends LabelledInputs {
  readonly images: readonly ImageSample[];
  readonly names: readonly string[];
}

/** Reads and renders whole images. */
export async function watch(dataset: Dataset, view: ViewPipeline): Promise<Watched> {
  const size = sizeOf(view.outputs['views/0']?.shape ?? []);
  const inputs = new Float32Array(dataset.length * size);
  const images: ImageSample[] = [];
  for (let index = 0; index < dataset.length; index++) {
    const image = await dataset.read(index);
    const target = inputs.subarray(index * size, (index + 1) * size);
    view.render(image, view.draw(randomStream(['evaluation', index]), image), { 'views/0': target });
    images.push(image);
  }
  return {
    inputs,
    images,
    count: dataset.length,
    labels: dataset.labels?.values ?? new Int32Array(dataset.length),
    classes: dataset.labels?.classes.length ?? 0,
    names: images.map((_, index) => dataset.sampleName(index)),
  };
}

const side = 28;

/** Pictures of watched images for the map. @param classes names by label; none for images without */
export function mapSamples(parts: readonly Watched[], classes: readonly string[]): MapSamples {
  const images = parts.flatMap((part) => part.images);
  const rgba = new Uint8ClampedArray(images.length * side * side * 4);
  for (const [at, image] of images.entries()) drawPicture(image, rgba.subarray(at * side * side * 4));
  return {
    count: images.length,
    side,
    rgba,
    labels: classes.length > 0 ? Int32Array.from(parts.flatMap(({ labels }) => Array.from(labels))) : undefined,
    classes,
    names: parts.flatMap(({ names }) => names),
  };
}

/** The largest centred square, resized by the nearest pixel. */
function drawPicture({ data, height, width, channels }: ImageSample, rgba: Uint8ClampedArray): void {
  const edge = Math.min(height, width);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const y = Math.floor((height - edge) / 2 + ((row + 0.5) * edge) / side);
      const x = Math.floor((width - edge) / 2 + ((column + 0.5) * edge) / side);
      const to = 4 * (row * side + column);
      for (let channel = 0; channel < 3; channel++) {
        rgba[to + channel] = data[(y * width + x) * channels + (channels === 3 ? channel : 0)] ?? 0;
      }
      rgba[to + 3] = 255;
    }
  }
}

/** @throws UnlabelError `DATASET_EMPTY` for fewer images than can be parted */
export function requireEnough(dataset: Dataset): void {
  if (dataset.length >= 10) return;
  throw new UnlabelError('DATASET_EMPTY', `There are ${dataset.length} images; learning needs at least ten.`, {
    fix: 'Add more images: some hundreds are a start.',
  });
}
