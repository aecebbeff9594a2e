import { type ImageSample, type RandomStream, sizeOf, type ViewPipeline, viewSpecs } from '@unlabel/core';
import type { Normalisation } from './normalise';

/**
 * What a pipeline makes of an image, as pixels again.
 * @param views a pipeline of image views
 * @param random decides what is random
 * @param statistics what the views were normalised by, to undo it
 * @returns an image for each view, grey or RGB
 */
export function displayedViews(
  image: ImageSample,
  views: ViewPipeline,
  random: RandomStream,
  statistics: Normalisation,
): readonly ImageSample[] {
  const targets = Object.fromEntries(
    Object.entries(views.outputs).map(([name, { shape, dtype }]) => [
      name,
      dtype === 'float32' ? new Float32Array(sizeOf(shape)) : new Int32Array(sizeOf(shape)),
    ]),
  );
  views.render(image, views.draw(random, image), targets);
  return viewSpecs(views).map(({ shape: [height = 1, width = 1, channels = 1] }, view) => ({
    data: displayed(targets[`views/${view}`] ?? [], statistics),
    height,
    width,
    channels: channels === 1 ? 1 : 3,
  }));
}

/** Undoes a normalisation, and rounds to 8 bits. @param values in [0, 1] before it, interleaved */
export function displayed(values: ArrayLike<number>, { mean, std }: Normalisation): Uint8Array {
  return Uint8Array.from(values, (value, at) => {
    const channel = at % mean.length;
    return Math.min(255, Math.max(0, Math.round(255 * (value * (std[channel] ?? 1) + (mean[channel] ?? 0)))));
  });
}
