import { type Dataset, type Labels, type TextSample, UnlabelError } from '@unlabel/core';
import { requireSampleIndex } from '../sampleIndex';
import { fileSlices, sizeOfFile } from './fileSlices';
import { type GrowingNumbers, growingNumbers } from './growingNumbers';
import { fieldOf, linesOf, longestLine, objectOf, textOfLine } from './jsonLines';
import { labelsByName } from './listFiles';

/** What a line holds. */
export interface TextLinesOptions {
  /** The field of a JSON object that holds the text; without it a line is the text. */ readonly field?: string;
  /** The field of a JSON object that holds the label, for evaluation only. */ readonly label?: string;
}

interface LineIndex {
  readonly starts: GrowingNumbers;
  readonly numbers: GrowingNumbers;
  readonly labels?: Labels;
  readonly digest: string;
}

/**
 * The lines of a file as texts: plain, or a field of JSON Lines. Blank lines are no samples. One pass finds where lines
 * begin, sixteen bytes of memory for each; a line is read when it is asked for.
 * @param file UTF-8; lines end in `\n` or `\r\n` and are at most 16 MiB long
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_EMPTY`, `INVALID_OPTION`, `LABELS_MISMATCH`; from `read()`
 * `SAMPLE_UNREADABLE` for a line that is not UTF-8, too long, or without the field
 */
export async function textLines(file: string, options: TextLinesOptions = {}): Promise<Dataset<TextSample>> {
  const { field, label } = options;
  if (label !== undefined && field === undefined) {
    throw new UnlabelError('INVALID_OPTION', `Lines of plain text have no label '${label}'.`, {
      fix: 'Give `field` too, if the lines are JSON.',
    });
  }
  const bytes = await sizeOfFile(file);
  const { starts, numbers, labels, digest } = await indexLines(file, label);
  const { length } = starts;
  if (length === 0) throw new UnlabelError('DATASET_EMPTY', `${file} has no line that is not blank.`);
  const slices = fileSlices();
  const nameOf = (index: number) => `${file}:${numbers.at(index)}`;
  return {
    name: file,
    modality: 'text',
    length,
    read: async (index) => {
      requireSampleIndex(index, { name: file, length });
      const [start, next] = [starts.at(index), index + 1 < length ? starts.at(index + 1) : bytes];
      const read = await slices.read(file, start, Math.min(next - start, longestLine + 1));
      const end = read.indexOf(10);
      const text = textOfLine(end < 0 ? read : read.subarray(0, end), nameOf(index));
      return { text: field === undefined ? text : fieldOf(text, field, nameOf(index)) };
    },
    sampleName: (index) => (index >= 0 && index < length ? nameOf(index) : String(index)),
    fingerprint: `lines:${length}:${digest}:${field ?? ''}`,
    ...(labels && { labels }),
  };
}

async function indexLines(file: string, label: string | undefined): Promise<LineIndex> {
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  const [starts, numbers] = [growingNumbers(), growingNumbers()];
  const names: string[] = [];
  for await (const { start, number, bytes } of linesOf(file, (chunk) => hash.update(chunk))) {
    starts.push(start);
    numbers.push(number);
    if (label !== undefined) names.push(labelOf(bytes, label, `${file}:${number}`));
  }
  const digest = hash.digest('hex').slice(0, 16);
  return { starts, numbers, digest, ...(label !== undefined && { labels: labelsByName(names) }) };
}

function labelOf(line: Uint8Array, label: string, name: string): string {
  const object = objectOf(textOfLine(line, name), name);
  const value = Object.hasOwn(object, label) ? object[label] : undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new UnlabelError('LABELS_MISMATCH', `${name} has no label in '${label}'.`, {
    fix: 'Label every line, or leave `label` out.',
  });
}
