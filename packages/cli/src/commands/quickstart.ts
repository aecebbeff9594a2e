import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type LoadedConfig, parseConfig } from '../config/loadConfig';
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
  const { data, seed, set, method, minutes, epochs, out } = flags;
  const assignments = [
    `training.seed=${seed}`,
    ...(epochs === undefined ? [] : [`training.epochs=${epochs}`]),
    ...(method === undefined ? [] : [`objective=${method}`]),
    ...(await dataAssignments(data)),
    ...set,
  ];
  const loaded = await loadRecipe(assignments);
  const whole = minutes === undefined ? loaded : await loadRecipe([...assignments, await lasting(loaded, minutes)]);
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  await runAttended(whole, { out: out ?? `runs/quickstart-${time}` });
}

async function lasting(loaded: LoadedConfig, minutes: number): Promise<string> {
  return `training.epochs=${await epochsWithin(loaded, 60 * minutes)}`;
}

async function loadRecipe(set: readonly string[]): Promise<LoadedConfig> {
  const path = createRequire(import.meta.url).resolve(`@unlabel/cli/${recipe}`);
  return parseConfig(await readFile(path, 'utf8'), recipe, { set });
}

/** What other data change in the recipe. */
async function dataAssignments(data: string): Promise<readonly string[]> {
  if (data === 'fashion-mnist') return [];
  if (data === 'fashion-mnist-60k') {
    const train = '{ dataset: { name: fashion-mnist, split: train } }';
    return [`data=${train}`, `evaluation.bank=${train}`, 'evaluation.test={ dataset: fashion-mnist }'];
  }
  return folderAssignments(data);
}

/** Own images: held-out labels where nested folders give them, figures of collapse alone where they do not. */
async function folderAssignments(data: string): Promise<readonly string[]> {
  const registry = await loadRegistry();
  const dataset = datasetByName(registry, data);
  const { labels, length, read } = await openSamples(registry, { dataset });
  const { channels, height, width } = await read(0);
  const part = JSON.stringify(dataset);
  const views = [
    `views.channels=${channels}`,
    `views.size=${Math.min(64, height, width)}`,
    `training.batchSize=${Math.min(256, length)}`,
  ];
  if (labels) {
    console.error(
      `${data}: ${labels.classes.length} folders are taken as classes, for evaluation only; a fifth of the images is held out.`,
    );
    const splits = `{ bank: { share: [0, 0.8] }, test: { share: [0.8, 1] }, evaluators: [knn, linear-probe] }`;
    return [`data={ dataset: ${part}, share: [0, 0.8] }`, `evaluation=${splits}`, ...views];
  }
  console.error(`${data} has no nested folders, so there are no labels to measure with: figures of collapse only.`);
  const splits = `{ bank: {}, test: {}, evaluators: [rankme] }`;
  return [`data={ dataset: ${part} }`, `evaluation=${splits}`, ...views];
}
