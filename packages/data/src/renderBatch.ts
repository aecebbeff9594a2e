import { type ImageSample, type RandomKey, randomStream, type ViewPipeline } from '@unlabel/core';

/** An image to make views of, and the key of the stream that their parameters come from. */
export interface SampleToRender {
  readonly image: ImageSample;
  readonly key: RandomKey;
}

/** Where a batch's views go: by view, then by row of the batch. */
export type BatchRows = readonly (readonly Float32Array[])[];

/** Cuts one buffer per view into rows. */
export function batchRows(views: ViewPipeline, buffers: readonly ArrayBufferLike[], batchSize: number): BatchRows {
  return views.shapes.map(([height, width, channels], view) => {
    const size = height * width * channels;
    const values = new Float32Array(buffers[view] ?? new ArrayBuffer(batchSize * size * 4));
    return Array.from({ length: batchSize }, (_, row) => values.subarray(row * size, (row + 1) * size));
  });
}

/** Draws and renders every view of every sample; the same wherever it runs, since each sample brings its own stream. */
export function renderBatch(views: ViewPipeline, samples: readonly SampleToRender[], rows: BatchRows): void {
  for (const [row, { image, key }] of samples.entries()) {
    const drawn = views.draw(randomStream(key), image);
    for (const [view, targets] of rows.entries()) {
      const target = targets[row];
      if (target) views.render(image, drawn, view, target);
    }
  }
}
