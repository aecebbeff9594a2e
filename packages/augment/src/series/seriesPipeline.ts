import {
  type PortableReference,
  type RandomStream,
  type SeriesSample,
  UnlabelError,
  type ViewPipeline,
} from '@unlabel/core';
import { portable, rebuild } from '../portable';
import { requireCount } from '../requireCount';
import { requireRange } from '../requireRange';
import { drawnOf, floatTarget } from '../targets';
import { createSeriesResample, type Extent } from './seriesResample';
import type { FloatSeries, SeriesShape, SeriesTransform } from './seriesTransform';

/** One kind of view: a crop, then the transforms in order. */
export interface SeriesViewOptions {
  /** How many views of this kind (default 1). */ readonly count?: number;
  /** Steps that a crop shows. */ readonly length: number;
  /** Where it lies (default `'random'`). A series that is shorter lies at such a place among zeros. */ readonly place?:
    | 'random'
    | 'centre';
  /** How many times as fast it plays, drawn uniformly, which changes its pitch too (default 1, never). */ readonly speed?: readonly [
    number,
    number,
  ];
  /** What follows, in this order (default nothing). */ readonly transforms?: readonly SeriesTransform[];
}

/** What a pipeline makes of a series. */
export interface SeriesPipelineOptions {
  /** Values at each step of a series (default 1). */ readonly channels?: number;
  /** Whether a series of several channels becomes one, their mean (default false: it is refused). */ readonly mono?: boolean;
  /** Steps a second of the views: a series that says that it has another rate is resampled (default: as it is). */ readonly rate?: number;
  /** The kinds of view, in the order of the batch's `views/0`, `views/1`, … */ readonly views: readonly SeriesViewOptions[];
}

/** Everything random about one view. */
export interface DrawnSeries {
  readonly extent: Extent;
  /** What each transform drew; `null` where it is left out. */ readonly transforms: readonly unknown[];
}

/** One view of the pipeline, ready to draw and render. */
interface Chain extends Required<Omit<SeriesViewOptions, 'count'>> {
  /** Of what comes into each transform, and last of what comes out. */ readonly shapes: readonly SeriesShape[];
  readonly shape: SeriesShape;
}

/**
 * Composes crops and transforms to a pipeline for recordings and other series. View N is `views/N`, float32
 * `[length, channels]`, in the shape that its last transform gives it.
 * @throws UnlabelError `INVALID_OPTION`; while drawing and rendering `SAMPLE_EMPTY`, and `SHAPE_MISMATCH` for a series of
 * other channels
 */
export function seriesPipeline(options: SeriesPipelineOptions): ViewPipeline<readonly DrawnSeries[], SeriesSample> {
  const { channels = 1, mono = false, rate, views } = options;
  requireCount({ channels });
  if (rate !== undefined) requireRange({ rate });
  const chains = views.flatMap((view) => {
    const { count = 1 } = view;
    requireCount({ count });
    return Array.from({ length: count }, () => createChain(view, channels));
  });
  if (chains.length === 0) throw new UnlabelError('INVALID_OPTION', 'A pipeline needs one view or more.');
  const reference = pipelineReference(options);
  const resample = createSeriesResample();
  return {
    modality: 'series',
    outputs: Object.fromEntries(
      chains.map(({ shape }, view) => [
        `views/${view}`,
        { shape: [shape.length, shape.channels], dtype: 'float32' as const },
      ]),
    ),
    draw: (random, source) => {
      requireSeries(source, channels, mono);
      return chains.map((chain) => drawView(chain, random, source, rate));
    },
    render: (sample, drawn, targets) => {
      requireSeries(sample, channels, mono);
      const source = mono ? mixedDown(sample) : sample;
      for (const [view, chain] of chains.entries()) {
        const target = floatTarget(targets, `views/${view}`);
        const { extent, transforms } = drawnOf(drawn, view);
        const size = chain.length * channels;
        const data = size === target.length ? target : new Float32Array(size);
        const crop = { data, length: chain.length, channels };
        resample(source, extent, crop);
        const result = transformed(chain, crop, transforms);
        if (result.data !== target) target.set(result.data);
      }
    },
    ...(reference && { portable: reference }),
  };
}

/** A pipeline's options with references in place of transforms. */
export interface PortableSeriesPipelineOptions extends Omit<SeriesPipelineOptions, 'views'> {
  readonly views: readonly (Omit<SeriesViewOptions, 'transforms'> & {
    readonly transforms: readonly PortableReference[];
  })[];
}

/** Rebuilds a series pipeline from its `portable` reference, in a worker thread. @throws UnlabelError `PLUGIN_INVALID` */
export async function rebuildSeriesPipeline(
  options: PortableSeriesPipelineOptions,
): Promise<ViewPipeline<readonly DrawnSeries[], SeriesSample>> {
  const views = options.views.map(async ({ transforms, ...view }) => ({
    ...view,
    transforms: await Promise.all(transforms.map((transform) => rebuild<SeriesTransform>(transform))),
  }));
  return seriesPipeline({ ...options, views: await Promise.all(views) });
}

function createChain(view: SeriesViewOptions, channels: number): Chain {
  const { length, place = 'random', speed = [1, 1], transforms = [] } = view;
  requireCount({ length });
  requireRange({ speed });
  const shapes: SeriesShape[] = [];
  let shape: SeriesShape = { length, channels };
  for (const transform of transforms) {
    shapes.push(shape);
    shape = transform.shapeAfter?.(shape) ?? shape;
  }
  return { length, place, speed, transforms, shapes: [...shapes, shape], shape };
}

function drawView(chain: Chain, random: RandomStream, source: SeriesSample, rate?: number): DrawnSeries {
  const extent = drawExtent(chain, random, source, rate);
  const transforms = chain.transforms.map((transform, index) =>
    transform.draw(random, chain.shapes[index] ?? chain.shape),
  );
  return { extent, transforms };
}

function drawExtent(
  { length, place, speed }: Chain,
  random: RandomStream,
  source: SeriesSample,
  rate?: number,
): Extent {
  const ratio = rate === undefined || source.rate === undefined ? 1 : source.rate / rate;
  const [slowest, fastest] = speed;
  const shown = length * ratio * (slowest === fastest ? slowest : random.uniform(slowest, fastest));
  const spare = source.length - Math.ceil(shown); // below 0 where the source is shorter
  if (place === 'centre') return { start: Math.floor(spare / 2), length: shown };
  return { start: Math.min(0, spare) + random.integer(Math.abs(spare) + 1), length: shown };
}

function transformed({ transforms }: Chain, crop: FloatSeries, drawn: readonly unknown[]): FloatSeries {
  let series = crop;
  for (const [index, transform] of transforms.entries()) {
    const parameters = drawn[index];
    if (parameters !== null) series = transform.apply(series, parameters);
  }
  return series;
}

function mixedDown(source: SeriesSample): SeriesSample {
  const { data, length, channels } = source;
  if (channels === 1) return source;
  const mean = Float32Array.from({ length }, (_, step) => {
    let sum = 0;
    for (let at = step * channels; at < (step + 1) * channels; at++) sum += data[at] ?? 0;
    return sum / channels;
  });
  return { ...source, data: mean, channels: 1 };
}

function requireSeries({ data, length, channels }: SeriesSample, wanted: number, mono: boolean): void {
  if (length === 0) {
    const fix = 'Leave empty recordings out of the data set.';
    throw new UnlabelError('SAMPLE_EMPTY', 'A series has no steps.', { fix });
  }
  if ((mono || channels === wanted) && data.length === length * channels) return;
  throw new UnlabelError(
    'SHAPE_MISMATCH',
    `A series of ${length} steps and ${channels} channels has ${data.length} values; the views have ${wanted} channels.`,
    { fix: mono ? 'Give length × channels values.' : `Give a series, or views, of as many channels as the other has.` },
  );
}

/** The pipeline's reference, or none as soon as one of its parts has none. */
function pipelineReference({ views, ...rest }: SeriesPipelineOptions): PortableReference | undefined {
  const parts: PortableSeriesPipelineOptions['views'][number][] = [];
  for (const { transforms = [], ...view } of views) {
    const references = transforms.flatMap((transform) => transform.portable ?? []);
    if (references.length < transforms.length) return undefined;
    parts.push({ ...view, transforms: references });
  }
  return portable('rebuildSeriesPipeline', { ...rest, views: parts });
}
