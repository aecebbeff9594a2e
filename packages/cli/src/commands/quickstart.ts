import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Dataset, type ImageSample, UnlabelError } from '@unlabel/core';
import { type LoadedConfig, parseConfig } from '../config/loadConfig';
import { type MethodImages, methodAssignments } from '../config/methodAssignments';
import { loadRegistry } from '../plugins/registry';
import { runAttended } from '../run/attended';
import { datasetByName } from '../run/datasetByName';
import { epochsWithin } from '../run/epochsWithin';
import { openSamples } from '../run/samples';

/** What `unlabel quickstart` takes. */
export interface QuickstartFlags {
  readonly data: string;
  readonly seed: number;
  readonly set: readonly string[];
  readonly method?: string;
  readonly minutes?: number;
  readonly epochs?: number;
  readonly out?: string;
}

const recipe = 'recipes/fashion-mnist.yaml';

/** Runs the shipped recipe, as it is or on other data, with another method or for another time. */
export async function quickstart(flags: QuickstartFlags): Promise<void> {
  const { data, seed, set, method, epochs, out } = flags;
  const other = await otherData(data);
  const minutes = flags.minutes ?? (epochs === undefined ? other.minutes : undefined);
  const assignments = [
    `training.seed=${seed}`,
    ...other.assignments,
    ...(epochs === undefined ? [] : [`training.epochs=${epochs}`]),
    ...(method === undefined ? [] : methodAssignments((await loadRegistry()).find('objective', method), other.images)),
    ...set,
  ];
  const loaded = await loadRecipe(assignments);
  const whole = minutes === undefined ? loaded : await loadRecipe([...assignments, await lasting(loaded, minutes)]);
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  await runAttended(whole, { out: out ?? `runs/quickstart-${time}` });
}

/** What data other than the shipped images change in the recipe. */
interface OtherData {
  readonly assignments: readonly string[];
  /** What the encoder sees, where that is not what the recipe says. */ readonly images?: MethodImages;
  /** How long to train unless told otherwise; as many epochs as assigned where there is no such time. */
  readonly minutes?: number;
}

async function lasting(loaded: LoadedConfig, minutes: number): Promise<string> {
  return `training.epochs=${await epochsWithin(loaded, 60 * minutes)}`;
}

async function loadRecipe(set: readonly string[]): Promise<LoadedConfig> {
  const path = createRequire(import.meta.url).resolve(`@unlabel/cli/${recipe}`);
  return parseConfig(await readFile(path, 'utf8'), recipe, { set });
}

async function otherData(data: string): Promise<OtherData> {
  if (data === 'fashion-mnist') return { assignments: [] };
  if (data === 'fashion-mnist-60k') {
    const train = '{ dataset: { name: fashion-mnist, split: train } }';
    const test = 'evaluation.test={ dataset: fashion-mnist }';
    const epochs = 'training.epochs=5'; // as many updates as 39 epochs of 8,000
    return { assignments: [`data=${train}`, `evaluation.bank=${train}`, test, epochs] };
  }
  return { ...(await folderData(data)), minutes: 3 };
}

/** Own images: held-out labels where nested folders give them, figures of collapse alone where they do not. */
async function folderData(data: string): Promise<OtherData> {
  const registry = await loadRegistry();
  const dataset = datasetByName(registry, data);
  const { labels, length, read } = await openSamples(registry, { dataset });
  const { channels, height, width } = await firstReadable(length, read);
  const part = JSON.stringify(dataset);
  const learnt = labels ? Math.floor(0.8 * length) : length;
  const encoderSize = Math.min(48, height, width);
  const images = { size: encoderSize, channels };
  const shapes = [
    `views.channels=${channels}`,
    `views.size=${Math.min(32, height, width)}`,
    `encoder.inputShape=[${encoderSize}, ${encoderSize}, ${channels}]`,
    `training.batchSize=${Math.max(2, Math.min(256, learnt))}`,
  ];
  if (labels) {
    console.error(
      `${data}: ${labels.classes.length} folders are taken as classes, for evaluation only; a fifth of the images is held out.`,
    );
    const splits = `{ bank: { share: [0, 0.8] }, test: { share: [0.8, 1] }, evaluators: [knn, linear-probe] }`;
    return { assignments: [`data={ dataset: ${part}, share: [0, 0.8] }`, `evaluation=${splits}`, ...shapes], images };
  }
  console.error(`${data} has no nested folders, so there are no labels to measure with: figures of collapse only.`);
  const splits = `{ bank: {}, test: {}, evaluators: [rankme] }`;
  return { assignments: [`data={ dataset: ${part} }`, `evaluation=${splits}`, ...shapes], images };
}

/** The first image that can be read, whose channels and size decide those of the encoder. */
async function firstReadable(length: number, read: Dataset['read']): Promise<ImageSample> {
  for (let index = 0; index < length; index++) {
    const image = await Promise.resolve(read(index)).catch(() => undefined);
    if (image) return image;
  }
  throw new UnlabelError('DATASET_EMPTY', `None of ${length} images could be read.`, {
    fix: 'Check that the files are whole JPEG, PNG, WebP or AVIF images.',
  });
}
