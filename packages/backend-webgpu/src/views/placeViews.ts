import type { ImageResize, ImageSample, ImageStep, PlannedView } from '@unlabel/core';

/** One sample of a dispatch: which view, of which image, at what place of the batch. */
export interface ViewItem {
  readonly image: Pick<ImageSample, 'height' | 'width' | 'channels'>;
  /** Where the image begins among the packed bytes. */ readonly offset: number;
  /** Row of the batch. */ readonly index: number;
  readonly view: PlannedView;
}

/** What a dispatch reads beside the pixels: `layout` whole numbers and numbers for each item, then steps and weights. */
export interface PlacedViews {
  readonly places: Int32Array;
  readonly numbers: Float32Array;
}

/** Whole numbers of an item, in this order. */
const fields = [
  ...['offset', 'sourceWidth', 'sourceChannels', 'index', 'mirrored'],
  ...['rowsLow', 'rowsHigh', 'rowsStart', 'columnsLow', 'columnsHigh', 'columnsStart'],
  ...['firstStep', 'lastStep', 'finished', 'reach', 'weights'],
];

/** Counts of whole numbers and numbers that come first, for each item. */
export const layout = { places: fields.length, numbers: 8 } as const;

/** WGSL names of the whole numbers' places within an item. */
export const fieldConstants = fields.map((field, at) => `const ${field}: u32 = ${at}u;`).join('\n');

/** What a step's kind is called in WGSL. */
export const stepKinds = ['brightness', 'contrast', 'saturation', 'hue', 'grayscale', 'solarize'] as const;

/** A run of steps that needs no neighbouring pixels, after a blur or, at first, after the crop. */
interface Segment {
  readonly weights: ArrayLike<number>;
  readonly steps: readonly Exclude<ImageStep, { kind: 'blur' }>[];
}

/** How often a view is blurred. */
export function blursOf({ steps }: PlannedView): number {
  return steps.filter(({ kind }) => kind === 'blur').length;
}

/** One kind of view. */
export interface ViewKind {
  readonly height: number;
  readonly width: number;
  readonly resize: ImageResize;
}

/** Everything about the items' crops, and the steps after the crop (segment 0) or after the blur of that number. */
export function placeViews(items: readonly ViewItem[], kind: ViewKind, segment: number): PlacedViews {
  const { height, width, resize } = kind;
  const places: number[] = [];
  const numbers: number[] = [];
  const tail: number[] = [];
  for (const { image, offset, index, view } of items) {
    const { region, flip, verticalFlip } = view;
    const rows = axisOf({ start: region.top, length: region.height }, height, image.height, resize);
    const columns = axisOf({ start: region.left, length: region.width }, width, image.width, resize);
    const segments = segmentsOf(view);
    const { steps, weights } = segments[segment] ?? { steps: [], weights: [] };
    const firstStep = items.length * layout.numbers + tail.length;
    for (const step of steps) tail.push(stepKinds.indexOf(step.kind), strengthOf(step));
    const lastStep = firstStep + 2 * steps.length;
    for (let at = 0; at < weights.length; at++) tail.push(weights[at] ?? 0);
    const finished = segment === segments.length - 1 ? 1 : 0;
    places.push(offset, image.width, image.channels, index, (flip ? 1 : 0) + (verticalFlip ? 2 : 0));
    places.push(...rows.places, ...columns.places);
    places.push(firstStep, lastStep, finished, weights.length - 1, lastStep);
    numbers.push(...rows.numbers, ...columns.numbers);
  }
  const padding = Array(-(numbers.length + tail.length) & 255).fill(0); // few sizes of buffers
  return { places: Int32Array.from(places), numbers: Float32Array.from([...numbers, ...tail, ...padding]) };
}

function segmentsOf({ steps }: PlannedView): readonly Segment[] {
  const segments: { weights: ArrayLike<number>; steps: Segment['steps'][number][] }[] = [{ weights: [], steps: [] }];
  for (const step of steps) {
    if (step.kind === 'blur') segments.push({ weights: step.weights, steps: [] });
    else segments.at(-1)?.steps.push(step);
  }
  return segments;
}

function strengthOf(step: Segment['steps'][number]): number {
  if (step.kind === 'grayscale') return 0;
  if (step.kind === 'solarize') return step.threshold;
  return step.kind === 'hue' ? 6 * (step.factor - Math.floor(step.factor)) : step.factor;
}

/**
 * A stretch of the source along one axis that `count` positions of the view divide: the bounds of what counts, and the
 * pixel it starts in; then how far into that pixel, the distance of positions, and the spread of the filter. The distance
 * is a sum of two floats, the first of 12 bits: one alone would misplace the far end of a large photograph.
 */
function axisOf(stretch: Stretch, count: number, extent: number, { edge, antialias }: ImageResize): AxisPlace {
  const { start, length } = stretch;
  const low = edge === 'image' ? 0 : Math.max(0, Math.floor(start));
  const high = edge === 'image' ? extent : Math.min(extent, Math.ceil(start + length));
  const whole = Math.floor(start);
  const scale = length / count;
  const unit = 2 ** (Math.floor(Math.log2(scale)) - 11);
  const coarse = Math.floor(scale / unit) * unit;
  const spread = antialias ? Math.max(scale, 1) : 1;
  return { places: [low, high, whole], numbers: [start - whole, coarse, scale - coarse, spread] };
}

interface Stretch {
  readonly start: number;
  readonly length: number;
}

interface AxisPlace {
  readonly places: readonly number[];
  readonly numbers: readonly number[];
}
