import {
  type ImagePlan,
  type ImageSample,
  type PlannedView,
  type PortableReference,
  type RandomStream,
  type TensorSpecs,
  UnlabelError,
  type ViewPipeline,
} from '@unlabel/core';
import type { Crop, Region } from './crop';
import { type Placed, placeImage } from './kernels';
import { type Normalisation, normaliseInto, requireNormalisation } from './normalise';
import { portable, rebuild } from './portable';
import { requireRange } from './requireRange';
import { resample } from './resample';
import type { FloatImage, Transform } from './transform';

/** One kind of view: crop, then mirror, then the transforms in order. */
export interface ViewOptions {
  /** How many views of this kind (default 1). */ readonly count?: number;
  /** Height and width in pixels, or one number for both. */ readonly size: number | readonly [number, number];
  /** Which part of the image to show. */ readonly crop: Crop;
  /** Probability of mirroring left and right (default 0). */ readonly flip?: number;
  /** Probability of mirroring top and bottom (default 0). */ readonly verticalFlip?: number;
  /** What follows, in this order (default nothing). */ readonly transforms?: readonly Transform[];
}

/** What a pipeline makes of an image. */
export interface ViewPipelineOptions {
  /** Channels of every view: grey images are repeated, coloured ones turned to luma, as needed. */ readonly channels:
    | 1
    | 3;
  /** The kinds of view, in the order of the batch's `views/0`, `views/1`, … */ readonly views: readonly ViewOptions[];
  /** Subtracted and divided by, at the end (default mean 0, std 1). */ readonly normalise?: Normalisation;
  /**
   * Whether to tell where each view lies (default false), as `locations/0`, `locations/1`, …: float32 `[4]`, the top, left,
   * bottom and right of the view in the image, in [0, 1] of its longer side. Of a mirrored view, left is greater than right, or top than
   * bottom. They know nothing of transforms that move pixels, such as `rotation`.
   */
  readonly locations?: boolean;
}

/** Everything random about one view. */
export interface DrawnView {
  readonly region: Region;
  readonly flip: boolean;
  readonly verticalFlip: boolean;
  /** What each transform drew; `null` where it is left out. */ readonly transforms: readonly unknown[];
}

type SourceSize = Pick<ImageSample, 'height' | 'width'>;

/** One view of the pipeline, ready to draw and render. */
interface Chain {
  readonly crop: Crop;
  readonly flip: number;
  readonly verticalFlip: number;
  readonly transforms: readonly Transform[];
  readonly shape: readonly [number, number, 1 | 3];
}

/**
 * Composes crops and transforms to a view pipeline. Crop, resize and mirror are one pass over the source; everything
 * after works in place on the view, in the memory of the kernels, until the last step normalises it into the batch. All of it is float: nothing is rounded to 8 bits between transforms.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function viewPipeline(options: ViewPipelineOptions): ViewPipeline<readonly DrawnView[]> {
  const { channels, views, normalise = { mean: Array(channels).fill(0), std: Array(channels).fill(1) } } = options;
  const { locations = false } = options;
  requireNormalisation(normalise, channels);
  const chains = views.flatMap((view) => Array.from({ length: view.count ?? 1 }, () => createChain(view, channels)));
  if (chains.length === 0) throw new UnlabelError('INVALID_OPTION', 'A pipeline needs one view or more.');
  const reference = pipelineReference(options);
  return {
    outputs: outputsOf(chains, locations),
    draw: (random, source) => chains.map((chain) => drawView(chain, random, source)),
    render: (image, drawn, targets) => {
      for (const [view, chain] of chains.entries()) {
        const [parameters, target] = [drawn[view], targets[`views/${view}`]];
        if (!parameters || !(target instanceof Float32Array)) throw notForThese(view);
        normaliseInto(target, renderView(chain, image, parameters), normalise);
        if (locations) targets[`locations/${view}`]?.set(locationOf(parameters, image));
      }
    },
    plan: planOf(chains, normalise, locations),
    ...(reference && { portable: reference }),
  };
}

function outputsOf(chains: readonly Chain[], locations: boolean): TensorSpecs {
  const named = (name: string, shapeOf: (chain: Chain) => readonly number[]) =>
    chains.map((chain, view) => [`${name}/${view}`, { shape: shapeOf(chain), dtype: 'float32' as const }] as const);
  return Object.fromEntries([
    ...named('views', ({ shape }) => shape),
    ...(locations ? named('locations', () => [4]) : []),
  ]);
}

/** Top, left, bottom and right of what the view shows; the same unit along both axes, so that distances are the image's. */
function locationOf({ region, flip, verticalFlip }: DrawnView, source: SourceSize): readonly number[] {
  const { top, left, height, width } = region;
  const [from, to] = flip ? [left + width, left] : [left, left + width];
  const [first, last] = verticalFlip ? [top + height, top] : [top, top + height];
  return [first, from, last, to].map((edge) => edge / Math.max(source.height, source.width));
}

function notForThese(view: number): UnlabelError {
  return new UnlabelError('INVALID_OPTION', `There are no parameters or no float32 target for views/${view}.`, {
    fix: 'Give what this pipeline drew, and a target for each of its outputs.',
  });
}

/** What the chains do, as data. */
function planOf(
  chains: readonly Chain[],
  { mean, std }: Normalisation,
  locations: boolean,
): ImagePlan<readonly DrawnView[]> {
  const transforms = chains.flatMap((chain) => chain.transforms);
  return {
    opaque: [...new Set(transforms.filter((transform) => !transform.steps).map(({ name }) => name))],
    resize: chains.map(({ crop: { edge, antialias, interpolation = 'bilinear' } }) => ({
      edge,
      antialias,
      interpolation,
    })),
    mean,
    std,
    views: (drawn, source) =>
      chains.map((chain, view) => {
        const parameters = drawn[view];
        if (!parameters) throw notForThese(view);
        return { ...planView(chain, parameters), ...(locations && { location: locationOf(parameters, source) }) };
      }),
  };
}

function planView({ transforms, shape: [height, width] }: Chain, drawn: DrawnView): PlannedView {
  const { region, flip, verticalFlip } = drawn;
  const steps = transforms.flatMap((transform, index) => {
    const parameters = drawn.transforms[index];
    if (parameters === null) return [];
    if (transform.steps) return transform.steps(parameters, { height, width });
    throw new UnlabelError('INVALID_OPTION', `Only the CPU knows what the transform '${transform.name}' does.`, {
      fix: 'Render these views with the pipeline itself, or leave the transform out.',
    });
  });
  return { region, flip, verticalFlip, steps };
}

/** A pipeline's options with references in place of crops and transforms. */
export interface PortableViewPipelineOptions {
  readonly channels: 1 | 3;
  readonly normalise?: Normalisation;
  readonly locations?: boolean;
  readonly views: readonly {
    readonly count?: number;
    readonly size: number | readonly [number, number];
    readonly flip?: number;
    readonly verticalFlip?: number;
    readonly crop: PortableReference;
    readonly transforms: readonly PortableReference[];
  }[];
}

/** Rebuilds a pipeline from its `portable` reference, in a worker thread. @throws UnlabelError `PLUGIN_INVALID` */
export async function rebuildViewPipeline(
  options: PortableViewPipelineOptions,
): Promise<ViewPipeline<readonly DrawnView[]>> {
  const views = options.views.map(async ({ crop, transforms, ...view }) => ({
    ...view,
    crop: await rebuild<Crop>(crop),
    transforms: await Promise.all(transforms.map((transform) => rebuild<Transform>(transform))),
  }));
  return viewPipeline({ ...options, views: await Promise.all(views) });
}

function createChain(view: ViewOptions, channels: 1 | 3): Chain {
  const { size, crop, flip = 0, verticalFlip = 0, transforms = [] } = view;
  requireRange({ flip, verticalFlip }, { least: 0, most: 1 });
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  if (!(Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0)) {
    throw new UnlabelError('INVALID_OPTION', `A view's size is whole pixels, not ${height} × ${width}.`);
  }
  return { crop, flip, verticalFlip, transforms, shape: [height, width, channels] };
}

function drawView(chain: Chain, random: RandomStream, source: SourceSize): DrawnView {
  const [height, width] = chain.shape;
  const region = chain.crop.draw(random, source);
  const flip = random.uniform() < chain.flip;
  const verticalFlip = chain.verticalFlip > 0 && random.uniform() < chain.verticalFlip;
  const transforms = chain.transforms.map((transform) => transform.draw(random, { height, width }));
  return { region, flip, verticalFlip, transforms };
}

function renderView({ crop, transforms, shape }: Chain, image: ImageSample, drawn: DrawnView): FloatImage & Placed {
  const view = placeImage(...shape);
  const { edge, antialias, interpolation = 'bilinear' } = crop;
  const { flip, verticalFlip } = drawn;
  resample(image, drawn.region, { edge, antialias, interpolation, flip, verticalFlip }, view);
  for (const [index, transform] of transforms.entries()) {
    const parameters = drawn.transforms[index];
    if (parameters !== null) transform.apply(view, parameters);
  }
  return view;
}

/** The pipeline's reference, or none as soon as one of its parts has none. */
function pipelineReference({ views, ...rest }: ViewPipelineOptions): PortableReference | undefined {
  const parts: PortableViewPipelineOptions['views'][number][] = [];
  for (const { crop, transforms = [], ...view } of views) {
    const references = transforms.flatMap((transform) => transform.portable ?? []);
    if (!crop.portable || references.length < transforms.length) return undefined;
    parts.push({ ...view, crop: crop.portable, transforms: references });
  }
  const options: PortableViewPipelineOptions = { ...rest, views: parts };
  return portable('rebuildViewPipeline', options);
}
