import { type Callback, type Dataset, randomStream, UnlabelError, type ViewPipeline } from '@unlabel/core';
import { subset } from '@unlabel/data';
import { bestCheckpoint, collapseMonitor, type LabelledInputs, onlineKnn, onlineProbe } from '@unlabel/eval';
import type { Config } from '../config/configSchema';
import { embedImages, rawPixels } from './embedImages';
import type { Measurement } from './measure';

const bankSize = 2000;
const heldOutSize = 500;

/**
 * The callbacks that watch a run: collapse always, every few epochs on images held out of the bank, too, and where it has
 * labels, kNN and a linear probe of these as the config says. The test split is left alone. Last, what keeps the best.
 * @throws UnlabelError `CONFIG_INVALID` where the best is to be chosen by what nothing reports
 */
export async function watchTraining(
  config: Pick<Config, 'evaluation' | 'training'>,
  measurement: Measurement | undefined,
  view: ViewPipeline,
): Promise<readonly Callback[]> {
  const { keepBest } = config.training;
  const watchers = await watchersOf(config, measurement, view);
  if (!keepBest) return watchers;
  requireReported(keepBest.by, watchers);
  return [...watchers, bestCheckpoint(keepBest)];
}

async function watchersOf(
  { evaluation }: Pick<Config, 'evaluation'>,
  measurement: Measurement | undefined,
  view: ViewPipeline,
): Promise<readonly Callback[]> {
  const { every: everyEpochs = 0, online = [] } = evaluation ?? {};
  if (!measurement || everyEpochs === 0) return [collapseMonitor()];
  const { bank } = measurement;
  const [heldOut, known] = drawApart(bank, [heldOutSize, bankSize]);
  const test = await inputsOf(heldOut, view);
  const monitor = test.count > 1 ? collapseMonitor({ heldOut: test, everyEpochs }) : collapseMonitor();
  if (!bank.labels) return [monitor];
  const neighbours = await inputsOf(known, view);
  const labelled = { bank: neighbours, test, everyEpochs };
  const measures = {
    knn: () => onlineKnn({ ...labelled, k: Math.min(20, neighbours.count) }),
    probe: () => onlineProbe(labelled),
  };
  return [monitor, ...online.map((name) => measures[name]())];
}

function requireReported(by: string, watchers: readonly Callback[]): void {
  const sources = watchers.map(({ name }) => name);
  if (by === 'loss' || sources.some((source) => by.startsWith(`${source}/`))) return;
  throw new UnlabelError(
    'CONFIG_INVALID',
    `training.keepBest.by is '${by}', but what reports are ${sources.join(', ')}.`,
    {
      fix: "Choose 'loss' or a figure of one of these, or add to evaluation.online; evaluation.every 0 turns them off.",
    },
  );
}

/** Two disjoint draws; of a small data set, a fifth and the rest. */
function drawApart(dataset: Dataset, [first, second]: readonly [number, number]): readonly [Dataset, Dataset] {
  const order = randomStream(['watch']).permutation(dataset.length);
  const cut = Math.min(first, Math.ceil(dataset.length / 5));
  return [subset(dataset, order.subarray(0, cut)), subset(dataset, order.subarray(cut, cut + second))];
}

async function inputsOf(dataset: Dataset, view: ViewPipeline): Promise<LabelledInputs> {
  const { features: inputs, indices } = await embedImages(dataset, view, rawPixels);
  const { values, classes } = dataset.labels ?? { values: new Int32Array(), classes: [] };
  const labels = indices.map((index) => values[index] ?? 0);
  return { inputs, count: indices.length, labels, classes: classes.length };
}
