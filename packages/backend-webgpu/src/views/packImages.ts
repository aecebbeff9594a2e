import { type ImageSample, UnlabelError } from '@unlabel/core';

/** Images whose bytes lie behind one another in one buffer. */
export interface PackedImages {
  /** Little-endian: the first byte is the lowest of the first word. Longer than the images, by up to an eighth. */ readonly words: Int32Array;
  /** Where each image begins, in bytes. */ readonly offsets: readonly number[];
  /** Number of the first image in the batch. */ readonly first: number;
  readonly images: readonly ImageSample[];
}

const mebibyte = 2 ** 20;
/** WebGPU's default limit of a binding; images of more bytes are uploaded in turns. */
const mostBytes = 128 * mebibyte;

/**
 * Packs a batch into buffers of 128 MiB at most, or of one image each where that alone has more.
 * @param limit bytes that the device binds at most
 * @throws UnlabelError `INVALID_OPTION` for an image without pixels, with another number of bytes than its size asks for, or
 *   above `limit`
 */
export function packImages(images: readonly ImageSample[], limit: number): readonly PackedImages[] {
  const runs: { first: number; bytes: number; images: ImageSample[] }[] = [];
  for (const [index, image] of images.entries()) {
    requirePixels(image, index, limit);
    const bytes = image.data.length;
    const run = runs.at(-1);
    if (run && run.bytes + bytes <= Math.min(mostBytes, limit)) {
      run.bytes += bytes;
      run.images.push(image);
    } else runs.push({ first: index, bytes, images: [image] });
  }
  return runs.map((run) => ({ first: run.first, images: run.images, ...packed(run.images, run.bytes, limit) }));
}

function packed(images: readonly ImageSample[], bytes: number, limit: number): Pick<PackedImages, 'words' | 'offsets'> {
  const words = new Int32Array(Math.min(roomy(bytes), Math.floor(limit / 4) * 4) / 4);
  const into = new Uint8Array(words.buffer);
  const offsets: number[] = [];
  let at = 0;
  for (const { data } of images) {
    into.set(data, at);
    offsets.push(at);
    at += data.length;
  }
  return { words, offsets };
}

/** One of eight sizes between powers of two, so that batches of different images find each other's buffers. */
function roomy(bytes: number): number {
  const step = Math.max(256, 2 ** Math.floor(Math.log2(bytes)) / 8);
  return Math.ceil(bytes / step) * step;
}

function requirePixels({ data, height, width, channels }: ImageSample, index: number, limit: number): void {
  const bytes = height * width * channels;
  if (bytes === 0 || data.length !== bytes) {
    throw new UnlabelError(
      'INVALID_OPTION',
      `Image ${index} of the batch has ${data.length} bytes for ${height} × ${width} × ${channels}.`,
      { fix: 'Give height × width × channels bytes, of one pixel or more.' },
    );
  }
  if (bytes > limit - 4) {
    throw new UnlabelError(
      'INVALID_OPTION',
      `Image ${index} of the batch has ${Math.ceil(bytes / mebibyte)} MiB; this GPU reads ${Math.floor(limit / mebibyte)} MiB at once.`,
      { fix: 'Make it smaller first, or render it with the pipeline itself.' },
    );
  }
}
