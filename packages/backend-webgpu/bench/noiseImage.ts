import { type ImageSample, randomStream } from '@unlabel/core';

/** An RGB image of uniform noise, the same for the same seed. */
export function noiseImage(height: number, width: number, seed: number): ImageSample {
  const random = randomStream(['bench', seed]);
  const data = Uint8Array.from({ length: height * width * 3 }, () => random.integer(256));
  return { data, height, width, channels: 3 };
}
