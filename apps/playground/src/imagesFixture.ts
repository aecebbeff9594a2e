import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluationView } from '@unlabel/augment';
import { type Dataset, type ImageSample, randomStream } from '@unlabel/core';
import { fashionMnist, subset } from '@unlabel/data';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

/** A folder of two subfolders with garments as PNGs of several sizes, one broken, and a text beside them. */
export async function folderOfImages(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'unlabel-images-'));
  const { labels, read } = await fashionMnist();
  for (const name of ['Trouser', 'Bag']) {
    await mkdir(join(root, name));
    const label = labels?.classes.indexOf(name) ?? -1;
    const indices = Array.from(labels?.values ?? []).flatMap((value, index) => (value === label ? [index] : []));
    for (const [at, index] of indices.slice(0, name === 'Bag' ? 60 : 59).entries()) {
      const { data, height, width } = await read(index);
      const image = sharp(data, { raw: { height, width, channels: 1 } }).resize(
        28 + (at % 5) * 20,
        28 + (at % 3) * 30,
        { fit: 'fill' },
      );
      await writeFile(join(root, name, `${index}.png`), await image.png().toBuffer());
    }
  }
  await writeFile(join(root, 'Trouser', 'broken.png'), 'cut short');
  await writeFile(join(root, 'notes.txt'), 'no image');
  return root;
}

/** A folder of two subfolders with 60 coloured PNGs of several sizes; damaged, hidden and other files between them. */
export async function folderOfColours(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'unlabel-colours-'));
  for (const name of ['round', 'square']) await mkdir(join(root, name));
  for (let index = 0; index < 200; index++) {
    const folder = join(root, index % 2 === 0 ? 'round' : 'square');
    if (index >= 60) await writeFile(join(folder, index % 3 === 0 ? `._${index}.png` : `${index}.txt`), 'no image');
    else {
      const [width, height] = [20 + (index % 7) * 6, 24 + (index % 5) * 8];
      const shape =
        index % 2 === 0 ? `<circle cx="${width / 2}" cy="12" r="9"` : `<rect x="4" y="4" width="12" height="12"`;
      const drawing = `<svg width="${width}" height="${height}">${shape} fill="hsl(${index * 50}, 80%, 50%)"/></svg>`;
      const image = sharp({ create: { width, height, channels: 3, background: `hsl(${index * 31}, 40%, 40%)` } });
      await writeFile(
        join(folder, `${index}, "ü".png`),
        await image
          .composite([{ input: Buffer.from(drawing) }])
          .png()
          .toBuffer(),
      );
    }
  }
  await writeFile(join(root, 'round', 'cut.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0]));
  await writeFile(join(root, 'round', 'empty.png'), '');
  return root;
}

/** An image of a file, as it is. */
export async function decoded(path: string): Promise<ImageSample> {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, height: info.height, width: info.width, channels: 3 };
}

/** An image of Fashion-MNIST by its name, which is its index. */
export async function garment(name: string): Promise<ImageSample> {
  return (await garments).read(Number(name));
}

/** The first images of Fashion-MNIST, as a command of their range reads them. */
export async function firstGarments(count: number): Promise<Dataset> {
  return subset(
    await garments,
    Int32Array.from({ length: count }, (_, index) => index),
  );
}

const garments = fashionMnist();

/** Between features that the page wrote and those of the encoder's file, run here. @param rows of the page's table */
export async function largestDifference(
  model: Buffer,
  rows: readonly string[],
  read: (name: string) => Promise<ImageSample>,
): Promise<number> {
  const session = await InferenceSession.create(model);
  let largest = 0;
  for (const row of rows) {
    const [, name = '', values = ''] = /^("(?:[^"]|"")*"|[^,]*),[^,]*,(.*)$/.exec(row) ?? [];
    const image = await read(name.replace(/^"|"$/g, '').replaceAll('""', '"'));
    const side = image.channels === 3 ? 32 : 16;
    const view = evaluationView({ size: side, channels: image.channels });
    const input = new Float32Array(side * side * image.channels);
    view.render(image, view.draw(randomStream([name]), image), { 'views/0': input });
    const { features } = await session.run({ input: new Tensor('float32', input, [1, side, side, image.channels]) });
    const expected = Array.from(features?.data ?? [], Number);
    const found = values.split(',').map(Number);
    if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, ...found.map((value, at) => Math.abs(value - (expected[at] ?? Number.NaN))));
  }
  return largest;
}
