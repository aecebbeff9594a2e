import {
  type ImageSample,
  type PairSample,
  type PortableReference,
  type RandomStream,
  type TensorSpecs,
  type TextSample,
  UnlabelError,
  type ViewPipeline,
  type ViewTargets,
  viewSpecs,
} from '@unlabel/core';
import { portable, rebuild } from './portable';

/** A pipeline for each side of a pair. */
export interface PairViewsOptions {
  /** What becomes of the image. */ readonly image: ViewPipeline<unknown, ImageSample>;
  /** What becomes of the text. */ readonly text: ViewPipeline<unknown, TextSample>;
}

/** What each side drew. */
export interface DrawnPair {
  readonly image: unknown;
  readonly text: unknown;
}

/**
 * Views of image–text pairs: those of the image first, then those of the text, counted on. With one of each, `views/0` is the
 * image and `views/1` are the text's ids, int32 `[length]`, as `clip` and `sigLip` take them, with their padding in
 * `attention/1`.
 * @throws UnlabelError `INVALID_OPTION` for pipelines that are made for other samples
 */
export function pairViews({ image, text }: PairViewsOptions): ViewPipeline<DrawnPair, PairSample> {
  requireModality({ image, text });
  const offset = viewSpecs(image).length;
  const textNames = Object.keys(text.outputs).map((name) => [name, shifted(name, offset)] as const);
  const shared = textNames.find(([, name]) => name in image.outputs);
  if (shared) throw new UnlabelError('INVALID_OPTION', `Both the image and the text have an output '${shared[1]}'.`);
  const textTargets = (targets: ViewTargets) =>
    Object.fromEntries(textNames.flatMap(([name, outer]) => (targets[outer] ? [[name, targets[outer]]] : [])));
  return {
    modality: 'pairs',
    outputs: { ...image.outputs, ...renamed(text.outputs, offset) },
    draw: (random: RandomStream, sample) => ({
      image: image.draw(random, sample.image),
      text: text.draw(random, sample),
    }),
    render: (sample, drawn, targets) => {
      image.render(sample.image, drawn.image, targets);
      text.render(sample, drawn.text, textTargets(targets));
    },
    ...(image.portable &&
      text.portable && { portable: portable('rebuildPairViews', { image: image.portable, text: text.portable }) }),
  };
}

/** Rebuilds the pipeline in a worker thread. @throws UnlabelError `PLUGIN_INVALID` */
export async function rebuildPairViews(options: {
  readonly image: PortableReference;
  readonly text: PortableReference;
}): Promise<ViewPipeline<DrawnPair, PairSample>> {
  const image = await rebuild<ViewPipeline<unknown, ImageSample>>(options.image);
  return pairViews({ image, text: await rebuild<ViewPipeline<unknown, TextSample>>(options.text) });
}

function renamed(outputs: TensorSpecs, offset: number): TensorSpecs {
  return Object.fromEntries(Object.entries(outputs).map(([name, spec]) => [shifted(name, offset), spec]));
}

/** `attention/0` of a text behind one image is `attention/1`. */
function shifted(name: string, offset: number): string {
  return name.replace(/\d+$/, (view) => String(Number(view) + offset));
}

function requireModality({ image, text }: PairViewsOptions): void {
  const [ofImage, ofText] = [image.modality ?? 'image', text.modality ?? 'image'];
  if (ofImage === 'image' && ofText === 'text') return;
  throw new UnlabelError('INVALID_OPTION', `image takes samples of kind '${ofImage}' and text '${ofText}'.`, {
    fix: "Give a pipeline for each side: image of kind 'image', text of kind 'text'.",
  });
}
