import type { Region } from './crop';
import type { FloatImage } from './transform';

/** Pixels of 8 bits, which are scaled to [0, 1], or values that are in [0, 1] already. */
type Pixels = Uint8Array | Float32Array;

/** The image to read from. */
export interface Source {
  readonly data: Pixels;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** How a region becomes a view. */
export interface ResampleOptions {
  /** What lies beyond the region: its own edge, or the rest of the source, whose border then repeats. */ readonly edge:
    | 'crop'
    | 'image';
  /** Whether shrinking averages over all the pixels it covers. */ readonly antialias: boolean;
  /** Mirrors left and right. */ readonly flip: boolean;
}

/** Writes a region of `source`, bilinearly resized, into `target`. */
export type Resample = (source: Source, region: Region, options: ResampleOptions, target: FloatImage) => void;

/** Which source positions an output position blends: `taps` weights from `starts[position]` on. */
interface Axis {
  readonly starts: Int32Array;
  weights: Float32Array;
  taps: number;
}

/**
 * Bilinear resizing as torchvision's tensors do it (half-pixel centres; with `antialias`, a triangle filter as wide as
 * the reduction), horizontally, then vertically. Buffers live as long as the function, so that no call allocates.
 */
export function createResample(height: number, width: number): Resample {
  const columns: Axis = { starts: new Int32Array(width), weights: new Float32Array(2 * width), taps: 0 };
  const rows: Axis = { starts: new Int32Array(height), weights: new Float32Array(2 * height), taps: 0 };
  let strip = new Float32Array(0); // the rows in reach, `[rows, width, channels]`
  let converted = new Float32Array(0);
  return (source, region, { edge, antialias, flip }, target) => {
    const { channels } = source;
    const whole = edge === 'image';
    spread(columns, region.left, region.width, source.width, { whole, antialias, flip });
    spread(rows, region.top, region.height, source.height, { whole, antialias, flip: false });
    const firstRow = rows.starts[0] ?? 0;
    const rowCount = (rows.starts[height - 1] ?? 0) + rows.taps - firstRow;
    const stripSize = rowCount * width * channels;
    if (strip.length < stripSize) strip = new Float32Array(stripSize);
    resizeColumns(source, firstRow, rowCount, columns, strip);
    const scale = source.data instanceof Uint8Array ? 1 / 255 : 1;
    if (channels === target.channels) return resizeRows(strip, firstRow, rows, width * channels, scale, target.data);
    if (converted.length === 0) converted = new Float32Array(height * width * channels);
    resizeRows(strip, firstRow, rows, width * channels, scale, converted);
    convert(converted, channels, target);
  };
}

/** Finds the taps of one axis for a stretch of `length` from `start` on, of `extent` source positions. */
function spread(
  axis: Axis,
  start: number,
  length: number,
  extent: number,
  { whole, antialias, flip }: { whole: boolean; antialias: boolean; flip: boolean },
): void {
  const { starts } = axis;
  const count = starts.length;
  const scale = length / count;
  const support = antialias ? Math.max(scale, 1) : 1;
  const low = whole ? 0 : Math.max(0, Math.floor(start));
  const high = whole ? extent : Math.min(extent, Math.ceil(start + length));
  const taps = Math.min(high - low, Math.ceil(2 * support));
  if (axis.weights.length < count * taps) axis.weights = new Float32Array(count * taps);
  axis.taps = taps;
  axis.weights.fill(0);
  for (let position = 0; position < count; position++) {
    const centre = start + (position + 0.5) * scale;
    const slot = flip ? count - 1 - position : position;
    starts[slot] = weigh(axis.weights, slot * taps, taps, { centre, support, low, high });
  }
}

/** Writes the triangle filter's weights around `centre`, normalised; returns the source position of the first. */
function weigh(
  weights: Float32Array,
  offset: number,
  taps: number,
  { centre, support, low, high }: { centre: number; support: number; low: number; high: number },
): number {
  const from = Math.max(low, Math.floor(centre - support + 0.5));
  const to = Math.min(high, Math.floor(centre + support + 0.5));
  const first = Math.max(low, Math.min(from, high - taps));
  let sum = 0;
  for (let at = from; at < to; at++) sum += Math.max(0, 1 - Math.abs(at + 0.5 - centre) / support);
  if (sum === 0) {
    const nearest = Math.max(low, Math.min(Math.floor(centre), high - 1)); // beyond the border, which repeats
    const shifted = Math.max(low, Math.min(nearest, high - taps));
    weights[offset + nearest - shifted] = 1;
    return shifted;
  }
  for (let at = from; at < to; at++) {
    weights[offset + at - first] = Math.max(0, 1 - Math.abs(at + 0.5 - centre) / support) / sum;
  }
  return first;
}

/** Resizes `rowCount` rows along their length: `[rowCount, source.width, channels]` → `[rowCount, width, channels]`. */
function resizeColumns(source: Source, firstRow: number, rowCount: number, columns: Axis, strip: Float32Array): void {
  const resizeRow = source.channels === 1 ? resizeGreyRow : resizeRgbRow;
  const rowLength = columns.starts.length * source.channels;
  for (let row = 0; row < rowCount; row++) {
    const read = (firstRow + row) * source.width * source.channels;
    resizeRow(source.data, read, columns, strip, row * rowLength);
  }
}

function resizeGreyRow(data: Pixels, read: number, columns: Axis, strip: Float32Array, write: number): void {
  const { starts, weights, taps } = columns;
  for (let column = 0; column < starts.length; column++) {
    const from = read + (starts[column] ?? 0);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) sum += (weights[column * taps + tap] ?? 0) * (data[from + tap] ?? 0);
    strip[write + column] = sum;
  }
}

function resizeRgbRow(data: Pixels, read: number, columns: Axis, strip: Float32Array, write: number): void {
  const { starts, weights, taps } = columns;
  for (let column = 0; column < starts.length; column++) {
    let from = read + 3 * (starts[column] ?? 0);
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let tap = 0; tap < taps; tap++) {
      const weight = weights[column * taps + tap] ?? 0;
      red += weight * (data[from++] ?? 0);
      green += weight * (data[from++] ?? 0);
      blue += weight * (data[from++] ?? 0);
    }
    strip[write + 3 * column] = red;
    strip[write + 3 * column + 1] = green;
    strip[write + 3 * column + 2] = blue;
  }
}

/** Blends rows of `rowLength` values: `[rows in reach, rowLength]` → `[height, rowLength]`. */
function resizeRows(
  strip: Float32Array,
  firstRow: number,
  rows: Axis,
  rowLength: number,
  scale: number,
  target: Float32Array,
): void {
  const { starts, weights, taps } = rows;
  for (let row = 0; row < starts.length; row++) {
    const read = ((starts[row] ?? 0) - firstRow) * rowLength;
    const write = row * rowLength;
    const weight = (weights[row * taps] ?? 0) * scale;
    for (let at = 0; at < rowLength; at++) target[write + at] = weight * (strip[read + at] ?? 0);
    for (let tap = 1; tap < taps; tap++) {
      const more = (weights[row * taps + tap] ?? 0) * scale;
      const from = read + tap * rowLength;
      for (let at = 0; at < rowLength; at++) {
        target[write + at] = (target[write + at] ?? 0) + more * (strip[from + at] ?? 0);
      }
    }
  }
}

/** Grey to RGB by repetition, RGB to grey by luma. */
function convert(values: Float32Array, channels: 1 | 3, target: FloatImage): void {
  const { data } = target;
  const pixels = target.height * target.width;
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (channels === 3) {
      data[pixel] = luma(values, 3 * pixel);
    } else {
      data.fill(values[pixel] ?? 0, 3 * pixel, 3 * pixel + 3);
    }
  }
}

/** Brightness of the RGB value at `at`, with ITU-R 601-2 weights as torchvision rounds them. */
export function luma(values: Float32Array, at: number): number {
  return 0.2989 * (values[at] ?? 0) + 0.587 * (values[at + 1] ?? 0) + 0.114 * (values[at + 2] ?? 0);
}
