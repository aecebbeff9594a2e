import {
  type Dataset,
  randomStream,
  sizeOf,
  UnlabelError,
  type ViewFeatures,
  type ViewPipeline,
  type ViewsWanted,
} from '@unlabel/core';
import type { Embed } from './embedImages';
import { readable } from './samples';

/**
 * Features of random draws of a pipeline's first view, of samples in an order that is the same for every run.
 * @param inputShape what `embed` takes of an image
 * @throws UnlabelError `INVALID_OPTION` where views have another shape, `DATASET_EMPTY` where no sample can be read
 */
export async function embedViews(
  dataset: Dataset,
  pipeline: ViewPipeline,
  { embed, inputShape }: { readonly embed: Embed; readonly inputShape: readonly number[] },
  wanted: ViewsWanted,
): Promise<ViewFeatures> {
  requireShape(pipeline.outputs['views/0']?.shape ?? [], inputShape);
  const size = sizeOf(inputShape);
  const targets = targetsOf(pipeline);
  const inputs = new Float32Array(wanted.views * size);
  const parts: Float32Array[] = [];
  for (const index of randomStream(['views']).permutation(dataset.length)) {
    if (parts.length === wanted.objects) break;
    const image = await readable(dataset, index);
    if (!image) continue;
    for (let view = 0; view < wanted.views; view++) {
      pipeline.render(image, pipeline.draw(randomStream(['views', index, view]), image), targets);
      inputs.set(targets['views/0'] ?? [], view * size);
    }
    parts.push(await embed(inputs, wanted.views));
  }
  const [first] = parts;
  if (!first) throw new UnlabelError('DATASET_EMPTY', `No sample of ${dataset.name} can be read.`);
  const features = new Float32Array(parts.length * first.length);
  parts.forEach((part, object) => {
    features.set(part, object * first.length);
  });
  return { features, objects: parts.length, views: wanted.views, dim: first.length / wanted.views };
}

function targetsOf(pipeline: ViewPipeline): Record<string, Float32Array | Int32Array> {
  return Object.fromEntries(
    Object.entries(pipeline.outputs).map(([name, { shape, dtype }]) => [
      name,
      dtype === 'int32' ? new Int32Array(sizeOf(shape)) : new Float32Array(sizeOf(shape)),
    ]),
  );
}

function requireShape(shape: readonly number[], inputShape: readonly number[]): void {
  if (shape.join() === inputShape.join()) return;
  throw new UnlabelError('INVALID_OPTION', `Views are [${shape}] but the encoder is measured on [${inputShape}].`, {
    fix: 'Leave evaluators that want views out, or train at the size that the encoder is measured at.',
  });
}
