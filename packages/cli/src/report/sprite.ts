import type { ImageSample } from '@unlabel/core';
import type { Sprite } from '@unlabel/eval';

/** A decoded image, or nothing where it could not be had: its place stays empty. */
export type Tile = Pick<ImageSample, 'data' | 'height' | 'width' | 'channels'> | undefined;

/** Small images, row by row in one WebP image. @param size height and width that each is brought to, cut to a square */
export async function makeSprite(tiles: readonly Tile[], size: number, columns: number): Promise<Sprite> {
  const { default: sharp } = await import('sharp');
  const [width, height] = [size * columns, size * Math.max(1, Math.ceil(tiles.length / columns))];
  const sheet = Buffer.alloc(3 * width * height, 128);
  const place = async (tile: Tile, index: number) => {
    if (!tile) return;
    const { data, channels } = tile;
    const small = await sharp(data, { raw: { width: tile.width, height: tile.height, channels } })
      .resize(size, size, { fit: 'cover' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const [left, top] = [size * (index % columns), size * Math.floor(index / columns)];
    for (let at = 0; at < size * size; at++) {
      const target = 3 * ((top + Math.floor(at / size)) * width + left + (at % size));
      for (let channel = 0; channel < 3; channel++) {
        const source = small.info.channels < 3 ? 0 : channel; // grey stays one channel
        sheet[target + channel] = small.data[at * small.info.channels + source] ?? 0;
      }
    }
  };
  await Promise.all(tiles.map(place));
  const bytes = await sharp(sheet, { raw: { width, height, channels: 3 } })
    .webp({ quality: 82 })
    .toBuffer();
  return { bytes: new Uint8Array(bytes), type: 'image/webp', columns, count: tiles.length };
}
