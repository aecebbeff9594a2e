import { type Dataset, type ImageSample, type Labels, UnlabelError } from '@unlabel/core';
import { requireSampleIndex } from './sampleIndex';

/** How the images of a folder are read. */
export interface ImageFolderOptions {
  /** 1 grey, 3 RGB (default 3). */ readonly channels?: 1 | 3;
  /** Shrinks images whose longer side exceeds this, while decoding, keeping their shape (default 512; views are seldom larger). */ readonly maxSide?: number;
  /** Largest height × width that is decoded; larger images count as unreadable (default 100 million). */ readonly maxPixels?: number;
}

interface ImageFile {
  /** Relative to the root, with forward slashes. */ readonly path: string;
  readonly bytes: number;
}

const extensions = /\.(jpe?g|png|webp|avif)$/i;

/**
 * The JPEG, PNG, WebP and AVIF files under a folder, sorted by path, decoded to 8 bits, turned as their EXIF data says,
 * with transparency on white. Where all of them lie in subfolders, the topmost folder's name is the label.
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_EMPTY`, `INVALID_OPTION`; from `read()` `IMAGE_UNREADABLE`, and
 * `INVALID_OPTION` outside the range
 */
export async function imageFolder(root: string, options: ImageFolderOptions = {}): Promise<Dataset> {
  const { channels = 3, maxSide = 512, maxPixels = 1e8 } = options;
  for (const [name, value] of Object.entries({ maxSide, maxPixels })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${value}, but must be a whole number of pixels.`);
  }
  const files = await listImages(root);
  if (files.length === 0) {
    throw new UnlabelError('DATASET_EMPTY', `There are no JPEG, PNG, WebP or AVIF images in ${root}.`, {
      fix: 'Check the folder; subfolders are searched too.',
    });
  }
  const { join } = await import('node:path');
  const labels = labelsByFolder(files);
  const { length } = files;
  return {
    name: root,
    length,
    read: async (index) => {
      requireSampleIndex(index, { name: root, length });
      return decode(join(root, files[index]?.path ?? ''), { channels, maxPixels, maxSide });
    },
    sampleName: (index) => files[index]?.path ?? String(index),
    fingerprint: `folder:${length}:${await identify(files)}:${channels}:${maxSide}`,
    ...(labels && { labels }),
  };
}

async function listImages(root: string): Promise<readonly ImageFile[]> {
  const { readdir, stat } = await import('node:fs/promises');
  const { join, sep } = await import('node:path');
  const entries = await readdir(root, { recursive: true }).catch((cause: unknown) => {
    throw new UnlabelError('DATASET_NOT_FOUND', `${root} is not a folder that can be read.`, {
      fix: 'Check the path.',
      cause,
    });
  });
  const files: ImageFile[] = [];
  for (const entry of entries.filter((name) => extensions.test(name))) {
    const about = await stat(join(root, entry)).catch(() => undefined); // a dangling link is still a sample: an unreadable one
    if (!about?.isDirectory()) files.push({ path: entry.split(sep).join('/'), bytes: about?.size ?? 0 });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function labelsByFolder(files: readonly ImageFile[]): Labels | undefined {
  if (!files.every((file) => file.path.includes('/'))) return undefined;
  const folders = files.map((file) => file.path.slice(0, file.path.indexOf('/')));
  const classes = [...new Set(folders)].sort();
  return { values: Int32Array.from(folders, (folder) => classes.indexOf(folder)), classes };
}

async function decode(
  file: string,
  { channels, maxPixels, maxSide }: { channels: 1 | 3; maxPixels: number; maxSide: number },
): Promise<ImageSample> {
  const { default: sharp } = await import('sharp');
  try {
    const image = sharp(file, { limitInputPixels: maxPixels, failOn: 'truncated', autoOrient: true })
      .flatten({ background: 'white' })
      .resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb');
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return { data, height: info.height, width: info.width, channels };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UnlabelError('IMAGE_UNREADABLE', `${file}: ${reason}.`, { cause });
  }
}

/** A hash of names and sizes. */
async function identify(files: readonly ImageFile[]): Promise<string> {
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  for (const { path, bytes } of files) hash.update(`${path}\0${bytes}\n`);
  return hash.digest('hex').slice(0, 16);
}
