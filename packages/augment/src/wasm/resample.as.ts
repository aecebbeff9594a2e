// AssemblyScript. Crop, resize and mirror in one pass over the source: each row of the view blends source rows into one
// line, which the columns' weights then blend into the planes. All loops may read a little past what they need, and
// write a little past `line`: whoever calls leaves 64 bytes of room behind every array.

import { clamp, storeQuad } from './quad.as';

/** Weighted sum of four neighbouring pixels' channels: lanes are red, green, blue and one to ignore. */
@inline
function column(line: usize, start: usize, weights: usize, taps: i32): v128 {
  let read = line + 12 * load<i32>(start);
  let sum = f32x4.splat(0);
  for (let end = weights + 4 * taps; weights < end; weights += 4, read += 12) {
    sum = f32x4.add(sum, f32x4.mul(v128.load_splat<f32>(weights), v128.load(read)));
  }
  return sum;
}

/** Blends `taps` rows of bytes, `stride` apart, into `count` floats; sixteen at a time. */
function blendBytes(rows: usize, stride: usize, weights: usize, taps: i32, line: usize, count: i32): void {
  for (let at: i32 = 0; at < count; at += 16) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let read = rows + at;
    for (let tap = 0; tap < taps; tap++, read += stride) {
      const weight = v128.load_splat<f32>(weights + 4 * tap);
      const bytes = v128.load(read);
      const low = i16x8.extend_low_i8x16_u(bytes);
      const high = i16x8.extend_high_i8x16_u(bytes);
      a = f32x4.add(a, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low))));
      b = f32x4.add(b, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low))));
      c = f32x4.add(c, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high))));
      d = f32x4.add(d, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high))));
    }
    v128.store(line + 4 * at, a);
    v128.store(line + 4 * at, b, 16);
    v128.store(line + 4 * at, c, 32);
    v128.store(line + 4 * at, d, 48);
  }
}

/** The same for rows of floats, four at a time. */
function blendFloats(rows: usize, stride: usize, weights: usize, taps: i32, line: usize, count: i32): void {
  for (let at: i32 = 0; at < count; at += 4) {
    let sum = f32x4.splat(0);
    let read = rows + 4 * at;
    for (let tap = 0; tap < taps; tap++, read += stride) {
      sum = f32x4.add(sum, f32x4.mul(v128.load_splat<f32>(weights + 4 * tap), v128.load(read)));
    }
    v128.store(line + 4 * at, sum);
  }
}

/** Three interleaved channels to one row of each plane, `plane` bytes apart; four pixels at a time. */
function resizeColour(line: usize, starts: usize, weights: usize, taps: i32, into: usize, plane: usize, width: i32): void {
  const bytes: usize = 4 * taps;
  for (let left = width; left > 0; left -= 4, starts += 16, weights += 4 * bytes, into += 16) {
    const p = column(line, starts, weights, taps);
    const q = column(line, starts + 4, weights + bytes, taps);
    const r = column(line, starts + 8, weights + 2 * bytes, taps);
    const s = column(line, starts + 12, weights + 3 * bytes, taps);
    const pq = v128.shuffle<f32>(p, q, 0, 4, 1, 5);
    const rs = v128.shuffle<f32>(r, s, 0, 4, 1, 5);
    storeQuad(into, clamp(v128.shuffle<f32>(pq, rs, 0, 1, 4, 5)), left);
    storeQuad(into + plane, clamp(v128.shuffle<f32>(pq, rs, 2, 3, 6, 7)), left);
    const blues = v128.shuffle<f32>(v128.shuffle<f32>(p, q, 2, 6, 2, 6), v128.shuffle<f32>(r, s, 2, 6, 2, 6), 0, 1, 4, 5);
    storeQuad(into + 2 * plane, clamp(blues), left);
  }
}

/** One channel to one row. */
function resizeGrey(line: usize, starts: usize, weights: usize, taps: i32, into: usize, width: i32): void {
  for (let end = into + 4 * width; into < end; into += 4, starts += 4) {
    let read = line + 4 * load<i32>(starts);
    let sum: f32 = 0;
    for (let last = weights + 4 * taps; weights < last; weights += 4, read += 4) sum += load<f32>(weights) * load<f32>(read);
    store<f32>(into, max<f32>(0, min<f32>(1, sum)));
  }
}

/**
 * The whole view. `source` are the rows in reach, `stride` bytes apart, `bytes` (1 or 4) a value, from the first column
 * in reach on, which spans `count` values. Each axis has, for each of the view's rows or columns, a start and `taps`
 * weights.
 */
export function resample(
  source: usize, stride: usize, bytes: i32, count: i32, channels: i32,
  rowStarts: usize, rowWeights: usize, rowTaps: i32, height: i32,
  columnStarts: usize, columnWeights: usize, columnTaps: i32, width: i32,
  line: usize, into: usize,
): void {
  const plane: usize = 4 * height * width;
  for (let row = 0; row < height; row++) {
    const rows = source + load<i32>(rowStarts + 4 * row) * stride;
    const weights = rowWeights + 4 * row * rowTaps;
    if (bytes == 1) blendBytes(rows, stride, weights, rowTaps, line, count);
    else blendFloats(rows, stride, weights, rowTaps, line, count);
    const write = into + 4 * row * width;
    if (channels == 3) resizeColour(line, columnStarts, columnWeights, columnTaps, write, plane, width);
    else resizeGrey(line, columnStarts, columnWeights, columnTaps, write, width);
  }
}
