import { type Dataset, type Labels, UnlabelError } from '@unlabel/core';
import { requireSampleIndex } from '../sampleIndex';
import { type ImageOptions, imageDecoder } from './decodeImage';
import { type FileSlices, fileOrFolder, fileSlices } from './fileSlices';
import { type GrowingNumbers, growingNumbers } from './growingNumbers';
import { fieldOf } from './jsonLines';
import { identify } from './listFiles';
import { type Parts, readParts, type SampleOf } from './parts';
import { type TarMember, tarMembers } from './tarIndex';

/** What is read of WebDataset shards. */
export interface WebDatasetOptions<P extends Parts = Parts> extends ImageOptions {
  /** The images, image–text pairs, or the texts (default `'image'`). */ readonly parts?: P;
  /** Ending of the members that hold the text: one of plain text, or `json` (default `'txt'`). */ readonly text?: string;
  /** Where the text is in members that end in `json` (default `'caption'`). */ readonly textField?: string;
}

interface ShardFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
}

/** Where the members of each sample lie; `imageAt` and `textAt` are NaN where a sample has none. */
interface ShardIndex {
  readonly keys: readonly string[];
  readonly shard: GrowingNumbers;
  readonly imageAt: GrowingNumbers;
  readonly imageBytes: GrowingNumbers;
  readonly textAt: GrowingNumbers;
  readonly textBytes: GrowingNumbers;
  /** From members that end in `cls`; NaN where a sample has none. */ readonly label: GrowingNumbers;
}

const images = /^(jpe?g|png|webp|avif|gif|tiff?)$/i;

/**
 * WebDataset shards: tar archives in which neighbouring members with one name up to the first dot are one sample. One
 * pass over the headers finds them; samples are then read in any order, without unpacking. Members never become files.
 * Labels are the numbers in members that end in `cls`, if every sample has one.
 * @param source a `.tar` file, or a folder of them, which is searched with its subfolders
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_EMPTY`, `DATASET_CORRUPT` for an archive that is cut short or
 * gzipped; from `read()` `SAMPLE_UNREADABLE`
 * @see https://github.com/webdataset/webdataset
 */
export async function webDataset<P extends Parts = 'image'>(
  source: string,
  options: WebDatasetOptions<P> = {},
): Promise<Dataset<SampleOf<P>>> {
  const { text: textEnding = 'txt', textField = 'caption' } = options;
  const parts = options.parts ?? ('image' as P); // the default of the type parameter, too
  const decoder = imageDecoder(options);
  const shards = await fileOrFolder(source, '.tar');
  const slices = fileSlices();
  const index = await indexShards(shards, slices, { parts, textEnding });
  const { keys, shard, imageAt, imageBytes, textAt, textBytes } = index;
  const { length } = keys;
  if (length === 0) {
    const needed = [...(parts === 'text' ? [] : ['an image']), ...(parts === 'image' ? [] : [`.${textEnding}`])];
    throw new UnlabelError('DATASET_EMPTY', `There are no samples with ${needed.join(' and ')} in ${source}.`, {
      fix: 'Members of one sample share the name up to the first dot, such as 000.jpg and 000.txt.',
    });
  }
  const nameOf = (at: number) => `${shards[shard.at(at)]?.name}:${keys[at]}`;
  const member = (at: number, offset: GrowingNumbers, bytes: GrowingNumbers) =>
    slices.read(shards[shard.at(at)]?.path ?? '', offset.at(at), bytes.at(at));
  const labels = labelsOf(index.label);
  return {
    name: source,
    modality: parts,
    length,
    read: async (at) => {
      requireSampleIndex(at, { name: source, length });
      return readParts(parts, at, {
        image: async () => decoder.decode(await member(at, imageAt, imageBytes), nameOf(at)),
        text: async () => {
          const text = new TextDecoder().decode(await member(at, textAt, textBytes));
          return /json$/i.test(textEnding) ? fieldOf(text, textField, nameOf(at)) : text;
        },
      });
    },
    sampleName: (at) => (at >= 0 && at < length ? nameOf(at) : String(at)),
    fingerprint: `webdataset:${length}:${await identifyIndex(shards, index)}:${parts}:${textEnding}:${textField}:${decoder.identity}`,
    ...(labels && { labels }),
  };
}

async function indexShards(
  shards: readonly ShardFile[],
  slices: FileSlices,
  { parts, textEnding }: { readonly parts: Parts; readonly textEnding: string },
): Promise<ShardIndex> {
  const keys: string[] = [];
  const [shard, imageAt, imageBytes] = [growingNumbers(), growingNumbers(), growingNumbers()];
  const [textAt, textBytes, label] = [growingNumbers(), growingNumbers(), growingNumbers()];
  const add = ({ key, image, text, label: of }: SampleMembers, number: number) => {
    if ((parts !== 'text' && !image) || (parts !== 'image' && !text)) return;
    keys.push(key);
    shard.push(number);
    imageAt.push(image?.offset ?? Number.NaN);
    imageBytes.push(image?.bytes ?? 0);
    textAt.push(text?.offset ?? Number.NaN);
    textBytes.push(text?.bytes ?? 0);
    label.push(of ?? Number.NaN);
  };
  for (const [number, file] of shards.entries()) {
    for await (const sample of samplesOf(tarMembers(file, slices), textEnding)) add(sample, number);
  }
  return { keys, shard, imageAt, imageBytes, textAt, textBytes, label };
}

interface SampleMembers {
  readonly key: string;
  image?: TarMember;
  text?: TarMember;
  label?: number;
}

/** Neighbours with one key. */
async function* samplesOf(members: AsyncIterable<TarMember>, textEnding: string): AsyncGenerator<SampleMembers> {
  let sample: SampleMembers | undefined;
  for await (const member of members) {
    const [, key = '', ending = ''] = member.path.match(/^((?:.*\/)?[^/]+?)\.([^/]+)$/) ?? [];
    if (key === '') continue;
    if (sample?.key !== key) {
      if (sample) yield sample;
      sample = { key };
    }
    if (ending.toLowerCase() === textEnding.toLowerCase()) sample.text = member;
    else if (images.test(ending)) sample.image ??= member;
    else if (ending === 'cls' && member.bytes < 16)
      sample.label = Number(new TextDecoder().decode(await member.content()));
  }
  if (sample) yield sample;
}

function labelsOf(numbers: GrowingNumbers): Labels | undefined {
  const all = numbers.all();
  if (!all.every((number) => Number.isInteger(number) && number >= 0)) return undefined;
  const largest = all.reduce((most, label) => Math.max(most, label), 0);
  return { values: Int32Array.from(all), classes: Array.from({ length: largest + 1 }, (_, label) => String(label)) };
}

function* describe(shards: readonly ShardFile[], { keys, shard, imageBytes, textBytes }: ShardIndex) {
  for (const { name, bytes } of shards) yield `${name}\0${bytes}`;
  for (const [at, key] of keys.entries()) yield `${shard.at(at)}\0${key}\0${imageBytes.at(at)}\0${textBytes.at(at)}`;
}

function identifyIndex(shards: readonly ShardFile[], index: ShardIndex): Promise<string> {
  return identify(describe(shards, index));
}
