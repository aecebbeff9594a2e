import { UnlabelError } from '@unlabel/core';

/** A line of a file, without its end. */
export interface Line {
  /** Where it begins. */ readonly start: number;
  /** Counting from 1, blank ones too. */ readonly number: number;
  /** Its bytes; the first ones where it is longer than the limit. */ readonly bytes: Uint8Array;
}

/** Longest line that is read, in bytes. */
export const longestLine = 2 ** 24;

/**
 * The lines of a file that are not blank, streamed; lines end in `\n` or `\r\n`.
 * @param onChunk sees the file's bytes as they come
 * @throws UnlabelError `DATASET_NOT_FOUND`
 */
export async function* linesOf(
  path: string,
  onChunk: (chunk: Uint8Array) => void = () => undefined,
): AsyncGenerator<Line> {
  const { createReadStream } = await import('node:fs');
  let parts: Uint8Array[] = [];
  let [start, held, at, number] = [0, 0, 0, 0];
  const keep = (part: Uint8Array) => {
    if (held <= longestLine) parts.push(part);
    held += part.length;
  };
  const take = (): Line | undefined => {
    const bytes = parts.length === 1 ? (parts[0] ?? new Uint8Array(0)) : Buffer.concat(parts);
    const line = { start, number: ++number, bytes };
    [parts, held] = [[], 0];
    return bytes.some((byte) => byte > 0x20) ? line : undefined;
  };
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 })) {
      const bytes: Buffer = chunk;
      onChunk(bytes);
      let from = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        keep(bytes.subarray(from, end));
        const line = take();
        if (line) yield line;
        from = end + 1;
        start = at + from;
      }
      if (from < bytes.length) keep(bytes.subarray(from));
      at += bytes.length;
    }
  } catch (cause) {
    throw new UnlabelError('DATASET_NOT_FOUND', `${path} cannot be read.`, { fix: 'Check the path.', cause });
  }
  const last = held > 0 ? take() : undefined;
  if (last) yield last;
}

/**
 * A line's text: UTF-8, without a byte order mark and `\r`.
 * @throws UnlabelError `SAMPLE_UNREADABLE` where it is not UTF-8 or too long
 */
export function textOfLine(bytes: Uint8Array, name: string): string {
  if (bytes.length > longestLine) {
    throw new UnlabelError('SAMPLE_UNREADABLE', `${name} is longer than ${longestLine} bytes.`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r$/, '');
  } catch (cause) {
    throw new UnlabelError('SAMPLE_UNREADABLE', `${name} is not UTF-8.`, { cause });
  }
}

/**
 * The object that a line of JSON holds.
 * @throws UnlabelError `SAMPLE_UNREADABLE`
 */
export function objectOf(json: string, name: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(json);
    if (isRecord(parsed)) return parsed;
  } catch (cause) {
    throw new UnlabelError('SAMPLE_UNREADABLE', `${name} is not JSON.`, { cause });
  }
  throw new UnlabelError('SAMPLE_UNREADABLE', `${name} is JSON, but not an object.`);
}

/**
 * The text in a field of a JSON object.
 * @throws UnlabelError `SAMPLE_UNREADABLE`
 */
export function fieldOf(json: string, field: string, name: string): string {
  const object = objectOf(json, name);
  const value = Object.hasOwn(object, field) ? object[field] : undefined;
  if (typeof value === 'string') return value;
  const fields = Object.keys(object).slice(0, 20).join(', ');
  throw new UnlabelError('SAMPLE_UNREADABLE', `${name} has no text in '${field}'; its fields are ${fields}.`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
