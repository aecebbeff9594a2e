import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { contactSheet } from '@unlabel/augment';
import { type Dataset, folderStore, type ImageSample, type Registry, randomStream, UnlabelError } from '@unlabel/core';
import { type NamedPart, partOf } from '../config/configSchema';
import { loadConfig } from '../config/loadConfig';
import { applyOverrides } from '../config/overrides';
import { counted } from '../output/table';
import { loadRegistry } from '../plugins/registry';
import { datasetByName } from '../run/datasetByName';
import { openSamples, type SampleChoice } from '../run/samples';

/** What `unlabel views` takes. */
export interface ViewsFlags {
  /** Default: `simclr`, or the views of the config. */ readonly recipe?: string;
  readonly images: number;
  readonly seed: number;
  readonly out: string;
  readonly set: readonly string[];
  readonly plugin?: readonly string[];
}

/** Writes a picture of what a model sees of some images of a data set, or of the data of a config. */
export async function views(data: string, flags: ViewsFlags): Promise<void> {
  const { images, seed, out } = flags;
  requireRequest(images, out);
  const { registry, choice, recipe } = await whatToShow(data, flags);
  const { name, options } = partOf(recipe);
  const [pipeline, dataset] = [await registry.make('augmentation', name, options), await openSamples(registry, choice)];
  const { samples, indices, unreadable } = await someSamples(dataset, images, seed);
  const sheet = contactSheet(samples, pipeline, { seed, indices, ...statisticsOf(options) });
  await folderStore(dirname(out)).write(basename(out), await encodePng(sheet));
  console.log(`${out}: ${counted(samples.length)} and the views of ${name}, ${sheet.width} × ${sheet.height} pixels.`);
  if (unreadable > 0) console.log(`${counted(unreadable)} could not be read and left out.`);
}

interface ToShow {
  readonly registry: Registry;
  readonly choice: SampleChoice;
  readonly recipe: NamedPart;
}

/** `--set` assigns options of the recipe, or, of a config file, whatever is in it. */
async function whatToShow(data: string, { recipe, set, plugin }: ViewsFlags): Promise<ToShow> {
  if (/^\.(ya?ml|json)$/.test(extname(data)) && existsSync(data) && statSync(data).isFile()) {
    const { config, registry } = await loadConfig(data, { set });
    return { registry, choice: config.data, recipe: recipe ?? config.views };
  }
  const registry = await loadRegistry(plugin);
  const named = applyOverrides({ name: recipe ?? 'simclr' }, set);
  return { registry, choice: { dataset: datasetByName(registry, data) }, recipe: Object(named) };
}

/** Samples in a random order that the seed decides, as many as were asked for, without those that cannot be read. */
async function someSamples(dataset: Dataset, count: number, seed: number) {
  const [samples, indices]: [ImageSample[], number[]] = [[], []];
  let unreadable = 0;
  for (const index of randomStream([seed, 'contact sheet']).permutation(dataset.length)) {
    if (samples.length === count) break;
    try {
      samples.push(await dataset.read(index));
      indices.push(index);
    } catch (error) {
      if (!UnlabelError.is(error, 'IMAGE_UNREADABLE')) throw error;
      unreadable++;
    }
  }
  return { samples, indices, unreadable };
}

/** Views that normalise otherwise than by default say so in their option `normalise`. */
function statisticsOf({ normalise }: Readonly<Record<string, unknown>>) {
  if (typeof normalise !== 'object' || normalise === null || !('mean' in normalise && 'std' in normalise)) return {};
  const { mean, std } = normalise;
  return Array.isArray(mean) && Array.isArray(std)
    ? { normalise: { mean: mean.map(Number), std: std.map(Number) } }
    : {};
}

async function encodePng({ data, height, width }: ImageSample): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  return sharp(data, { raw: { height, width, channels: 3 } })
    .png()
    .toBuffer();
}

function requireRequest(images: number, out: string): void {
  if (images < 1) {
    throw new UnlabelError('INVALID_OPTION', `--images is ${images}.`, { fix: 'Show 1 image or more.' });
  }
  if (extname(out).toLowerCase() === '.png') return;
  throw new UnlabelError('INVALID_OPTION', `A contact sheet cannot be written as '${basename(out)}'.`, {
    fix: 'Choose a name that ends in .png.',
  });
}
