import { type ImageSample, type RandomKey, randomStream, type ViewPipeline } from '@unlabel/core';

/** An image to make views of, and the key of the stream that their parameters come from. */
export interface SampleToRender {
  readonly image: ImageSample;
  readonly key: RandomKey;
}

/** One array per view, `[batch, height, width, channels]`: ordinary memory, which can move between threads. */
export type ViewArrays = readonly Float32Array<ArrayBuffer>[];

/** Room for the views of a batch. */
export function allocateViews(views: Pick<ViewPipeline, 'shapes'>, batchSize: number): ViewArrays {
  return views.shapes.map(([height, width, channels]) => new Float32Array(batchSize * height * width * channels));
}

/** Draws and renders every view of every sample; the same wherever it runs, since each sample brings its own stream. */
export function renderBatch(views: ViewPipeline, samples: readonly SampleToRender[], arrays: ViewArrays): void {
  const sizes = views.shapes.map(([height, width, channels]) => height * width * channels);
  for (const [row, { image, key }] of samples.entries()) {
    const drawn = views.draw(randomStream(key), image);
    for (const [view, array] of arrays.entries()) {
      const size = sizes[view] ?? 0;
      views.render(image, drawn, view, array.subarray(row * size, (row + 1) * size));
    }
  }
}
