import type { Region } from './crop';
import { kernels, type Placed, roomFor } from './kernels';
import type { FloatImage } from './transform';

/** The image to read from: bytes, which are scaled to [0, 1], or floats that are in [0, 1] already; interleaved. */
export interface Source {
  readonly data: Uint8Array | Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** How values between pixels come about: from two neighbours an axis, or from four, which keeps edges sharper. */
export type Interpolation = 'bilinear' | 'bicubic';

/** How a region becomes a view. */
export interface ResampleOptions {
  /** What lies beyond the region: its own edge, or the rest of the source, whose border then repeats. */ readonly edge:
    | 'crop'
    | 'image';
  /** Whether shrinking averages over all the pixels it covers. */ readonly antialias: boolean;
  readonly interpolation: Interpolation;
  /** Mirrors left and right. */ readonly flip: boolean;
  /** Mirrors top and bottom. */ readonly verticalFlip: boolean;
}

/** A stretch of the source that `count` positions of the view divide, and the filter that gives each its value. */
interface Stretch {
  readonly start: number;
  readonly scale: number;
  readonly count: number;
  /** Positions in the source that count, from `low` to before `high`. */ readonly low: number;
  readonly high: number;
  readonly filter: (distance: number) => number;
  /** Distance at which the filter ends. */ readonly support: number;
  /** What a distance is divided by. */ readonly spread: number;
  /** Whether weights beyond `low` and `high` count for the border. */ readonly clamped: boolean;
  /** Source positions that each position blends, at most. */ readonly taps: number;
  readonly flip: boolean;
}

/**
 * Writes a region of `source`, resized, into `target`, planar, as torchvision's tensors are resized: half-pixel centres;
 * with `antialias`, filters as wide as the reduction. Each view row blends source rows, then columns of the blend.
 */
export function resample(source: Source, region: Region, options: ResampleOptions, target: FloatImage & Placed): void {
  const { height, width, channels } = target;
  const shrinks = source.channels > channels;
  const planes = shrinks ? target.scratch : target.at;
  const free = shrinks ? target.scratch + roomFor(3 * height * width) : target.scratch;
  const columns = stretch(region.left, region.width, width, source.width, options, options.flip);
  const rows = stretch(region.top, region.height, height, source.height, options, options.verticalFlip);
  runKernel(source, rows, columns, planes, free);
  const area = height * width;
  if (shrinks) kernels().toLuma(planes, area, target.at);
  else if (source.channels < channels) {
    for (const plane of [1, 2]) target.data.copyWithin(plane * area, 0, area);
  }
}

function stretch(
  start: number,
  length: number,
  count: number,
  extent: number,
  { edge, antialias, interpolation }: ResampleOptions,
  flip: boolean,
): Stretch {
  const scale = length / count;
  const low = edge === 'image' ? 0 : Math.max(0, Math.floor(start));
  const high = edge === 'image' ? extent : Math.min(extent, Math.ceil(start + length));
  const spread = antialias ? Math.max(scale, 1) : 1;
  const cubic = interpolation === 'bicubic';
  const support = (cubic ? 2 : 1) * spread;
  const filter = cubic ? (antialias ? softCubic : sharpCubic) : triangle;
  const taps = Math.min(high - low, Math.ceil(2 * support));
  return { start, scale, count, low, high, filter, support, spread, clamped: !antialias, taps, flip };
}

function triangle(distance: number): number {
  return Math.max(0, 1 - distance);
}

/** The antialiased one of PyTorch and Pillow. */
const softCubic = (distance: number) => cubic(distance, -0.5);
/** PyTorch's other. */
const sharpCubic = (distance: number) => cubic(distance, -0.75);

/** Keys' cubic convolution of parameter a. @see https://doi.org/10.1109/TASSP.1981.1163711 */
function cubic(distance: number, a: number): number {
  if (distance < 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  if (distance < 2) return ((distance - 5) * distance + 8) * distance * a - 4 * a;
  return 0;
}

/** Lays out everything that the kernel reads behind `free`, and runs it. */
function runKernel(source: Source, rows: Stretch, columns: Stretch, into: number, free: number): void {
  const { resample: run, reserve, bytes, floats } = kernels();
  const { data, channels } = source;
  const size = data.BYTES_PER_ELEMENT;
  const rowLength = source.width * channels;
  const columnsAt = free + axisRoom(rows);
  const line = columnsAt + axisRoom(columns);
  const pixels = line + roomFor(rowLength + 16);
  reserve(pixels + data.byteLength + 64);
  const down = placeAxis(rows, free, size === 1 ? 1 / 255 : 1);
  const along = placeAxis(columns, columnsAt, 1);
  const reach = data.subarray(down.first * rowLength, down.end * rowLength);
  if (size === 1) bytes().set(reach, pixels);
  else floats().set(reach, pixels / 4);
  const firstPixel = pixels + along.first * channels * size;
  run(
    ...[firstPixel, rowLength * size, size, (along.end - along.first) * channels, channels],
    ...[down.starts, down.weights, rows.taps, rows.count],
    ...[along.starts, along.weights, columns.taps, columns.count],
    ...[line, into],
  );
}

/** Where the kernel finds an axis, and which positions of the source it reaches. */
interface PlacedAxis {
  /** Of int32, counted from `first`. */ readonly starts: number;
  readonly weights: number;
  readonly first: number;
  readonly end: number;
}

/** Bytes that an axis takes: the kernel reads four positions at a time, so that there may be three more. */
function axisRoom({ count, taps }: Stretch): number {
  return roomFor(count) + roomFor((count + 3) * taps);
}

/** Writes the first tap and the weights of every position. */
function placeAxis(axis: Stretch, at: number, factor: number): PlacedAxis {
  const { count, taps, flip } = axis;
  const weightsAt = at + roomFor(count);
  const [starts, weights] = [kernels().integers(), kernels().floats()];
  starts.fill(0, at / 4, at / 4 + 4 * Math.ceil(count / 4));
  weights.fill(0, weightsAt / 4, weightsAt / 4 + count * taps);
  const first = firstTap(axis, centreOf(axis, 0));
  const last = firstTap(axis, centreOf(axis, count - 1));
  for (let position = 0; position < count; position++) {
    const centre = centreOf(axis, position);
    const slot = flip ? count - 1 - position : position;
    const start = firstTap(axis, centre);
    starts[at / 4 + slot] = start - first;
    weigh(axis, { centre, start, factor }, weights, weightsAt / 4 + slot * taps);
  }
  return { starts: at, weights: weightsAt, first, end: last + taps };
}

function centreOf({ start, scale }: Stretch, position: number): number {
  return start + (position + 0.5) * scale;
}

/** The first source position of a filter around `centre`, such that all its taps lie within the bounds. */
function firstTap({ low, high, support, taps }: Stretch, centre: number): number {
  return Math.max(low, Math.min(Math.floor(centre - support + 0.5), high - taps));
}

/** Where a filter lies, the source position of its first weight, and what its weights sum to. */
interface PlacedFilter {
  readonly centre: number;
  readonly start: number;
  readonly factor: number;
}

/** Writes a filter's weights to `weights`, which are zeros, from `slot` on. */
function weigh(axis: Stretch, { centre, start, factor }: PlacedFilter, weights: Float32Array, slot: number): void {
  const { low, high, support, spread, filter, clamped, taps } = axis;
  const from = Math.floor(centre - support + 0.5);
  const to = Math.floor(centre + support + 0.5);
  const origin = slot - start;
  let sum = 0;
  for (let at = from; at < to; at++) {
    const inside = Math.max(low, Math.min(at, high - 1));
    if (inside !== at && !clamped) continue;
    const weight = filter(Math.abs(at + 0.5 - centre) / spread);
    weights[origin + inside] = (weights[origin + inside] ?? 0) + weight;
    sum += weight;
  }
  if (sum === 0)
    weights[origin + Math.max(low, Math.min(Math.floor(centre), high - 1))] = factor; // beyond the border
  else for (let tap = slot; tap < slot + taps; tap++) weights[tap] = ((weights[tap] ?? 0) / sum) * factor;
}
