import {
  type BankBatchesOptions,
  type Dataset,
  type EvaluatedNetwork,
  type Registry,
  sizeOf,
  type ViewPipeline,
} from '@unlabel/core';
import { loader, subset } from '@unlabel/data';
import { partOf } from '../config/configSchema';
import { embedImages, type ImageFeatures, rawPixels } from './embedImages';

/** A network that is measured, and what it is shown of images in training. */
export interface MeasuredNetwork extends Pick<EvaluatedNetwork, 'encoder' | 'weights' | 'session' | 'signal'> {
  readonly views: ViewPipeline;
}

/** The images of one split, and which of them the rows of features are of. */
interface Split extends Pick<ImageFeatures, 'indices'> {
  readonly dataset: Dataset;
}

/** A network and its images, as evaluators that train it are given them. @param plainView what the features were made of */
export function evaluatedNetwork(
  registry: Registry,
  { views, ...network }: MeasuredNetwork,
  plainView: ViewPipeline,
  { bank, test }: { readonly bank: Split; readonly test: Split },
): EvaluatedNetwork {
  const pipelineOf = async (shown: BankBatchesOptions['views']) => {
    if (shown === 'evaluation') return plainView;
    if (shown === 'training') return firstView(views);
    const { name, options } = partOf(shown);
    return firstView(await registry.make('augmentation', name, options));
  };
  return {
    ...network,
    testInputs: async () => (await embedImages(subset(test.dataset, test.indices), plainView, rawPixels)).features,
    bankBatches: async (rows, { views: shown, batchSize, seed }) => {
      const dataset = subset(
        bank.dataset,
        rows.map((row) => bank.indices[row] ?? -1),
      );
      return loader({ dataset, views: await pipelineOf(shown), batchSize, seed, labels: true, workers: 0 });
    },
  };
}

/** The first view of a pipeline alone; the others are still made, since pipelines make all. */
function firstView(views: ViewPipeline): ViewPipeline {
  const { 'views/0': first, ...others } = views.outputs;
  if (!first) throw new Error('A pipeline without views was not refused.');
  if (Object.keys(others).length === 0) return views;
  const unused = Object.entries(others).map(([name, { shape, dtype }]) => {
    const size = sizeOf(shape);
    return [name, dtype === 'int32' ? new Int32Array(size) : new Float32Array(size)] as const;
  });
  const scratch = Object.fromEntries(unused);
  return {
    ...(views.modality && { modality: views.modality }),
    outputs: { 'views/0': first },
    draw: (random, sample) => views.draw(random, sample),
    render: (sample, parameters, targets) => views.render(sample, parameters, { ...scratch, ...targets }),
  };
}
