import type { ImageSample } from '@unlabel/core';

/** Whether the platform decodes images itself, as browsers and their workers do. */
export function hasBitmaps(): boolean {
  return typeof createImageBitmap === 'function' && typeof OffscreenCanvas === 'function';
}

/** What a bitmap becomes. */
export interface BitmapOptions {
  readonly channels: 1 | 3;
  readonly maxSide: number;
  readonly maxPixels: number;
}

/**
 * Decodes by the means of a browser: whatever it shows, turned as EXIF says, transparency on white, grey as Rec. 709 weighs
 * red, green and blue.
 * @throws Error for what the browser cannot decode, and for an image above `maxPixels`
 */
export async function decodeBitmap(bytes: Uint8Array, options: BitmapOptions): Promise<ImageSample> {
  const { channels, maxSide, maxPixels } = options;
  await requireBounded(bytes, maxPixels);
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)])); // as EXIF says, by default
  try {
    if (bitmap.width * bitmap.height > maxPixels) throw new Error('exceeds the pixel limit');
    const scale = Math.min(1, maxSide / Math.max(bitmap.width, bitmap.height));
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
    return pixelsOf(bitmap, width ?? 1, height ?? 1, channels);
  } finally {
    bitmap.close();
  }
}

/** A small file can hold more pixels than memory has room for: its header tells before it is decoded. */
async function requireBounded(bytes: Uint8Array, maxPixels: number): Promise<void> {
  const { imageSize } = await import('image-size');
  const { width, height } = sizeIn(bytes, imageSize) ?? { width: 0, height: 0 };
  if (width * height > maxPixels) throw new Error('exceeds the pixel limit');
}

/** @returns nothing for a header that is none; decoding says so better */
function sizeIn<Size>(bytes: Uint8Array, imageSize: (bytes: Uint8Array) => Size): Size | undefined {
  try {
    return imageSize(bytes);
  } catch {
    return undefined;
  }
}

function pixelsOf(bitmap: ImageBitmap, width: number, height: number, channels: 1 | 3): ImageSample {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('needs a 2d canvas, which this browser does not give');
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  const { data: rgba } = context.getImageData(0, 0, width, height);
  const data = new Uint8Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [red = 0, green = 0, blue = 0] = rgba.subarray(4 * pixel, 4 * pixel + 3);
    if (channels === 3) data.set([red, green, blue], 3 * pixel);
    else data[pixel] = Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  }
  return { data, height, width, channels };
}
