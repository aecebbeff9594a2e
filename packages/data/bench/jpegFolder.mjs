// Writes folders of JPEGs to measure with: crops of one field of noise at several scales, each another, of 64 to 96 pixels
// a side unless told otherwise. What is there already stays, so that making 50,000 can be ended and gone on with.
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const field = 1024;
const atOnce = 16;

/**
 * @param {string} root
 * @param {number} count
 * @param {{ least?: number, most?: number, seconds?: number }} [options] sides in pixels; when to stop
 * @returns {Promise<number>} how many there are
 */
export async function makeJpegs(root, count, { least = 64, most = 96, seconds = Number.POSITIVE_INFINITY } = {}) {
  const pixels = await noise();
  const deadline = performance.now() + 1000 * seconds;
  const folders = Math.ceil(count / 1000);
  let made = 0;
  for (let folder = 0; folder < folders; folder++) {
    const path = join(root, String(folder).padStart(3, '0'));
    await mkdir(path, { recursive: true });
    const there = new Set(await readdir(path));
    const wanted = Array.from({ length: Math.min(1000, count - 1000 * folder) }, (_, at) => 1000 * folder + at);
    const missing = wanted.filter((number) => !there.has(`${number}.jpg`));
    for (let from = 0; from < missing.length && performance.now() < deadline; from += atOnce) {
      await Promise.all(missing.slice(from, from + atOnce).map((number) => makeJpeg(path, number)));
      made += Math.min(atOnce, missing.length - from);
    }
    made += wanted.length - missing.length;
  }
  return made;

  /** @param {string} path @param {number} number */
  async function makeJpeg(path, number) {
    const side = (/** @type {number} */ salt) => least + ((number * salt) % (most - least + 1));
    const [width, height] = [side(7), side(13)];
    const left = (number * 31) % (field - width);
    const top = (number * 17) % (field - height);
    const image = sharp(pixels, { raw: { width: field, height: field, channels: 3 } });
    const made = join(path, `${number}.part`);
    await image.extract({ left, top, width, height }).jpeg({ quality: 85 }).toFile(made);
    await rename(made, join(path, `${number}.jpg`));
  }
}

/** Noise of four scales, laid over each other. */
async function noise() {
  const size = { width: field, height: field, fit: /** @type {const} */ ('fill') };
  const scales = await Promise.all(
    [16, 64, 256, 1024].map((cells) =>
      sharp({
        create: {
          width: cells,
          height: cells,
          channels: 3,
          background: 'grey',
          noise: { type: 'gaussian', mean: 128, sigma: 40 },
        },
      })
        .resize(size)
        .removeAlpha()
        .raw()
        .toBuffer(),
    ),
  );
  return Buffer.from(
    Uint8Array.from(
      { length: 3 * field * field },
      (_, at) => scales.reduce((sum, scale) => sum + (scale[at] ?? 0), 0) / 4,
    ),
  );
}
