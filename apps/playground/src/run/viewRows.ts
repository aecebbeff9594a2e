import { type Dataset, type ImageSample, randomStream, sizeOf, type ViewPipeline, viewSpecs } from '@unlabel/core';
import { assemble } from './assemble';
import type { Picture, ViewRow } from './protocol';
import { configOf, type Settings } from './settings';

const rows = 4;

/** Some images and the views that training would make of them. @param draw another number draws other images and views */
export async function viewRows(settings: Settings, dataset: Dataset, draw: number): Promise<readonly ViewRow[]> {
  const first = await dataset.read(0);
  const { views } = await assemble(configOf(settings, first.channels));
  const { integer } = randomStream(['preview', draw]);
  return Promise.all(
    Array.from({ length: Math.min(rows, dataset.length) }, async () => {
      const index = integer(settings.data === 'own' ? dataset.length : Math.min(dataset.length, settings.images));
      const image = await dataset.read(index);
      return { original: picture(image), views: rendered(views, image, draw, index) };
    }),
  );
}

function rendered(views: ViewPipeline, image: ImageSample, draw: number, index: number): readonly Picture[] {
  const targets = Object.fromEntries(
    Object.entries(views.outputs).map(([name, { shape, dtype }]) => {
      const size = sizeOf(shape);
      return [name, dtype === 'float32' ? new Float32Array(size) : new Int32Array(size)];
    }),
  );
  views.render(image, views.draw(randomStream(['preview', draw, index]), image), targets);
  return viewSpecs(views).map(({ shape: [height = 1, width = 1, channels = 1] }, view) => {
    const values = targets[`views/${view}`] ?? new Float32Array();
    return { height, width, rgba: stretched(values, channels) };
  });
}

/** Normalised values as colours, from the view's darkest to its brightest, so that whatever it was normalised by is seen. */
function stretched(values: ArrayLike<number>, channels: number): Uint8ClampedArray<ArrayBuffer> {
  const [low, high] = Array.from(values).reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return rgba(values.length / channels, (pixel, channel) => {
    const value = values[pixel * channels + (channels === 3 ? channel : 0)] ?? 0;
    return (255 * (value - low)) / Math.max(1e-6, high - low);
  });
}

function picture({ data, height, width, channels }: ImageSample): Picture {
  const of = (pixel: number, channel: number) => data[pixel * channels + (channels === 3 ? channel : 0)] ?? 0;
  return { height, width, rgba: rgba(height * width, of) };
}

function rgba(pixels: number, of: (pixel: number, channel: number) => number): Uint8ClampedArray<ArrayBuffer> {
  const values = new Uint8ClampedArray(pixels * 4);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < 3; channel++) values[4 * pixel + channel] = of(pixel, channel);
    values[4 * pixel + 3] = 255;
  }
  return values;
}
