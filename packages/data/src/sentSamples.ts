import type { ImageSample } from '@unlabel/core';
import type { SampleToRender } from './renderBatch';

/**
 * Samples on their way to another thread. Images in shared memory go as numbers: to clone a batch of hundreds of objects
 * and views takes longer than all else that the sending thread does for it.
 */
export type SentSamples = SentImages | readonly SampleToRender[];

interface SentImages {
  /** Memory that the images lie in. */ readonly blocks: readonly SharedArrayBuffer[];
  /** `numbersPerImage` of each image. */ readonly numbers: Float64Array;
}

interface SharedImage extends SampleToRender {
  readonly sample: ImageSample & { readonly data: Uint8Array<SharedArrayBuffer> };
}

const numbersPerImage = 7; // index, replaced index, block, offset in it, height, width, channels
const replacesNone = -1;

/** Makes samples quick to send. */
export function sentSamples(samples: readonly SampleToRender[]): SentSamples {
  if (!samples.every(isSharedImage)) return samples;
  const blocks = new Map<SharedArrayBuffer, number>();
  const numbers = new Float64Array(numbersPerImage * samples.length);
  let at = 0;
  for (const { index, replaces = replacesNone, sample } of samples) {
    const { data, height, width, channels } = sample;
    const block = blocks.get(data.buffer) ?? blocks.size;
    if (block === blocks.size) blocks.set(data.buffer, block);
    numbers[at++] = index;
    numbers[at++] = replaces;
    numbers[at++] = block;
    numbers[at++] = data.byteOffset;
    numbers[at++] = height;
    numbers[at++] = width;
    numbers[at++] = channels;
  }
  return { blocks: [...blocks.keys()], numbers };
}

/** The samples that were sent. */
export function receivedSamples(sent: SentSamples): readonly SampleToRender[] {
  if (!('numbers' in sent)) return sent;
  const { blocks, numbers } = sent;
  return Array.from({ length: numbers.length / numbersPerImage }, (_, row) => {
    let at = numbersPerImage * row;
    const next = () => numbers[at++] ?? 0;
    const [index, replaces, block, offset, height, width] = [next(), next(), next(), next(), next(), next()];
    const channels = next() === 1 ? 1 : 3;
    const data = new Uint8Array(blocks[block] ?? new ArrayBuffer(0), offset, height * width * channels);
    const sample: ImageSample = { data, height, width, channels };
    return replaces === replacesNone ? { index, sample } : { index, sample, replaces };
  });
}

/** Whether it is an image of shared bytes and nothing else. */
function isSharedImage(rendered: SampleToRender): rendered is SharedImage {
  const { sample } = rendered;
  if (typeof sample !== 'object' || sample === null || typeof SharedArrayBuffer === 'undefined') return false;
  if (!('data' in sample && 'height' in sample && 'width' in sample && 'channels' in sample)) return false;
  const { data, height, width, channels } = sample;
  if (!(data instanceof Uint8Array && data.buffer instanceof SharedArrayBuffer)) return false;
  if (typeof height !== 'number' || typeof width !== 'number' || (channels !== 1 && channels !== 3)) return false;
  return data.byteLength === height * width * channels && Object.keys(sample).length === 4;
}
