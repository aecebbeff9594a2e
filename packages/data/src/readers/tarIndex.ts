import { UnlabelError } from '@unlabel/core';
import type { HeaderData } from 'tar';
import type { FileSlices } from './fileSlices';

/** A file in a tar archive. */
export interface TarMember {
  readonly path: string;
  /** Where its bytes begin. */ readonly offset: number;
  readonly bytes: number;
  /** Its bytes, cheap while it is the one at hand. */ content(): Promise<Uint8Array>;
}

const block = 512;
const windowBytes = 2 ** 16;
const longestName = 2 ** 20;

/**
 * The files in a tar archive (ustar, GNU and pax), in their order, from one pass over the headers.
 * @throws UnlabelError `DATASET_CORRUPT` for what is no tar archive, is packed, or ends in the middle of a member
 */
export async function* tarMembers(
  { path: archive, bytes: size }: { readonly path: string; readonly bytes: number },
  slices: FileSlices,
): AsyncGenerator<TarMember> {
  const { Header, Pax } = await import('tar');
  let [extended, everywhere]: (HeaderData | undefined)[] = [];
  const decoded = (bytes: Buffer, at: number) => {
    try {
      return new Header(bytes, 0, extended, everywhere);
    } catch (cause) {
      throw corrupt(archive, `at byte ${at} there is no tar header.`, { noTar: at === 0, cause });
    }
  };
  let [window, windowStart] = [Buffer.alloc(0), 0];
  const bytesAt = async (offset: number, length: number) => {
    if (offset < windowStart || offset + length > windowStart + window.length) {
      const wanted = Math.min(Math.max(length, windowBytes), size - offset);
      if (wanted < length) throw cut(archive, offset);
      [window, windowStart] = [Buffer.from((await slices.read(archive, offset, wanted)).buffer), offset];
    }
    return window.subarray(offset - windowStart, offset - windowStart + length);
  };

  for (let at = 0; at < size; ) {
    const header = decoded(await headerAt(at), at);
    if (header.nullBlock) return;
    const { type } = header;
    const path = extended?.path ?? everywhere?.path ?? header.path ?? '';
    const bytes = extended?.size ?? everywhere?.size ?? header.size ?? 0;
    if (!header.cksumValid) throw corrupt(archive, `at byte ${at} there is no tar header.`, { noTar: at === 0 });
    const offset = at + block;
    if (!Number.isSafeInteger(bytes) || bytes < 0 || offset + bytes > size) throw cut(archive, at, path);
    at = offset + Math.ceil(bytes / block) * block;
    if (type === 'ExtendedHeader' || type === 'OldExtendedHeader' || type === 'GlobalExtendedHeader') {
      const text = await textAt(offset, bytes);
      if (type === 'GlobalExtendedHeader') everywhere = Pax.parse(text, everywhere, true);
      else extended = Pax.parse(text, extended, false);
    } else if (type === 'NextFileHasLongPath' || type === 'OldGnuLongPath') {
      extended = { ...extended, path: (await textAt(offset, bytes)).replace(/\0.*/s, '') };
    } else {
      extended = undefined;
      if (type === 'File' || type === 'OldFile' || type === 'ContiguousFile') {
        yield { path, offset, bytes, content: () => bytesAt(offset, bytes) };
      }
    }
  }

  async function headerAt(at: number): Promise<Buffer> {
    const first = at === 0 && size >= 2 ? await bytesAt(0, 2) : undefined;
    if (first?.[0] === 0x1f && first[1] === 0x8b) {
      throw new UnlabelError(
        'DATASET_CORRUPT',
        `${archive} is gzipped, so that its samples cannot be read in any order.`,
        {
          fix: 'Unpack it: `gunzip`.',
        },
      );
    }
    return bytesAt(at, block);
  }

  async function textAt(offset: number, bytes: number): Promise<string> {
    if (bytes > longestName) throw corrupt(archive, `a name at byte ${offset} has ${bytes} bytes.`);
    return (await bytesAt(offset, bytes)).toString('utf8');
  }
}

function cut(archive: string, at: number, member?: string): UnlabelError {
  const where = member ? `in the middle of ${member}` : `in the middle of the header`;
  return corrupt(archive, `it ends ${where} at byte ${at}.`);
}

function corrupt(
  archive: string,
  reason: string,
  { noTar = false, cause }: { readonly noTar?: boolean; readonly cause?: unknown } = {},
): UnlabelError {
  const fix = noTar ? 'Give a tar archive.' : 'Fetch the file again.';
  return new UnlabelError('DATASET_CORRUPT', `${archive}: ${reason}`, { fix, cause });
}
