import { type ImageSample, UnlabelError } from '@unlabel/core';
import { decodeBitmap, hasBitmaps } from './decodeBitmap';

/** How images are decoded. */
export interface ImageOptions {
  /** 1 grey, 3 RGB (default 3). */ readonly channels?: 1 | 3;
  /** Shrinks images whose longer side exceeds this, while decoding, keeping their shape (default 512; views are seldom larger). */ readonly maxSide?: number;
  /** Largest height × width that is decoded; larger images count as unreadable (default 100 million). */ readonly maxPixels?: number;
}

/** Decodes one image. */
export interface ImageDecoder {
  /**
   * @param source path of a file, or its bytes
   * @param name what errors call it
   * @throws UnlabelError `SAMPLE_UNREADABLE`
   */
  decode(source: string | Uint8Array, name: string): Promise<ImageSample>;
  /** What of the options changes pixels, for fingerprints. */ readonly identity: string;
}

/**
 * A decoder of JPEG, PNG, WebP, AVIF, GIF and TIFF, whatever is in the file: 8 bits, turned as EXIF says, transparency on
 * white, CMYK and palettes as RGB or grey, of animations the first frame. It works on threads of its own. Browsers decode
 * bytes themselves, whatever they show.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function imageDecoder(options: ImageOptions = {}): ImageDecoder {
  const { channels = 3, maxSide = 512, maxPixels = 1e8 } = options;
  for (const [name, value] of Object.entries({ maxSide, maxPixels })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${value}, but must be a whole number of pixels.`);
  }
  const decode = async (source: string | Uint8Array, name: string): Promise<ImageSample> => {
    try {
      if (typeof source !== 'string' && hasBitmaps()) {
        return await decodeBitmap(source, { channels, maxSide, maxPixels });
      }
      if (typeof source === 'string') await requireFile(source);
      const { default: sharp } = await import('sharp');
      const image = sharp(source, { limitInputPixels: maxPixels, failOn: 'truncated', autoOrient: true })
        .flatten({ background: 'white' })
        .resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
        .toColourspace(channels === 1 ? 'b-w' : 'srgb');
      const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
      if (info.channels !== channels) throw new Error(`decodes to ${info.channels} channels, not to ${channels}`);
      return { data, height: info.height, width: info.width, channels };
    } catch (cause) {
      throw new UnlabelError('SAMPLE_UNREADABLE', `${name}: ${reasonOf(cause, maxPixels)}.`, { cause });
    }
  };
  return { decode, identity: `${channels}:${maxSide}` };
}

/** A pipe named like an image would never end. */
async function requireFile(path: string): Promise<void> {
  const { stat } = await import('node:fs/promises');
  if (!(await stat(path)).isFile()) throw new Error('is not a file');
}

function reasonOf(cause: unknown, maxPixels: number): string {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (!reason.includes('pixel limit')) return reason;
  return `has more than ${maxPixels.toLocaleString('en')} pixels, the limit that maxPixels sets`;
}
