import { UnlabelError } from '@unlabel/core';
import { type ImageFile, imageFiles } from '../index';

/** What a page makes of files that it is given: two images of different sizes and one that is none. */
export async function run(): Promise<readonly unknown[]> {
  const files: ImageFile[] = [
    { path: 'warm/wide.png', blob: await painted(40, 20, 'rgb(200, 100, 0)') },
    { path: 'cold/high.webp', blob: await painted(3, 6, 'rgba(0, 0, 0, 0)', 'image/webp') },
    { path: 'warm/broken.jpg', blob: new Blob(['no image']) },
  ];
  const dataset = await imageFiles(files, { maxSide: 10 });
  const [high, broken, wide] = await Promise.all(
    [0, 1, 2].map((index) => Promise.resolve(dataset.read(index)).catch(codeOf)),
  );
  return [
    dataset.labels?.classes,
    [0, 1, 2].map((index) => dataset.sampleName(index)),
    pixelOf(high),
    broken,
    pixelOf(wide),
    pixelOf(await (await imageFiles(files, { channels: 1 })).read(2)),
    await reasonOf(await claiming(60_000, await painted(4, 4, 'red'))),
  ];
}

/** The same PNG with a header that tells of more pixels, as in a small file that unpacks to a huge image. */
async function claiming(side: number, png: Blob): Promise<Blob> {
  const bytes = await png.arrayBuffer();
  for (const at of [16, 20]) new DataView(bytes).setUint32(at, side);
  return new Blob([bytes]);
}

/** Why a file is refused, as far as it is said in words of ours. */
async function reasonOf(blob: Blob): Promise<unknown> {
  const dataset = await imageFiles([{ path: 'huge.png', blob }]);
  return Promise.resolve(dataset.read(0)).catch(({ message }: Error) => message.split(',')[0]);
}

function painted(width: number, height: number, colour: string, type = 'image/png'): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('There is no canvas.');
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  return canvas.convertToBlob({ type });
}

function pixelOf(image: unknown): unknown {
  if (typeof image !== 'object' || image === null || !('data' in image && 'height' in image && 'width' in image))
    return image;
  const { data, height, width } = image;
  return data instanceof Uint8Array ? [height, width, ...data.subarray(0, 3)] : data;
}

function codeOf(error: unknown): string {
  return UnlabelError.is(error) ? error.code : String(error);
}
