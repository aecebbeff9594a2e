import { type Callback, type Dataset, randomStream, type ViewPipeline } from '@unlabel/core';
import { subset } from '@unlabel/data';
import { collapseMonitor, type LabelledInputs, onlineKnn } from '@unlabel/eval';
import { embedImages, rawPixels } from './embedImages';
import type { Measurement } from './measure';

const bankSize = 2000;
const heldOutSize = 500;

/**
 * The callbacks that watch a run: collapse always; every few epochs, kNN on images drawn from the bank where it has
 * labels, else the rank of the features. The test split is left alone.
 */
export async function watchTraining(
  measurement: Measurement | undefined,
  view: ViewPipeline,
  everyEpochs: number,
): Promise<readonly Callback[]> {
  if (!measurement || everyEpochs === 0) return [collapseMonitor()];
  const { bank } = measurement;
  const [heldOut, known] = drawApart(bank, [heldOutSize, bankSize]);
  const test = await inputsOf(heldOut, view);
  if (!bank.labels) return [collapseMonitor({ heldOut: test, everyEpochs })];
  const neighbours = await inputsOf(known, view);
  const k = Math.min(20, neighbours.count);
  return [collapseMonitor(), onlineKnn({ bank: neighbours, test, everyEpochs, k })];
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
