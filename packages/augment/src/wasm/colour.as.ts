// AssemblyScript. What changes each pixel by itself, in place. Colour images are three planes of `pixels` floats, one
// after the other; the loops take four pixels at a time and may read past the end, where callers leave 64 bytes of room.

import { clamp, luma, storeQuad } from './quad.as';

/** v → factor · v + shift, limited to [0, 1]: brightness and contrast. */
export function adjust(at: usize, count: i32, factor: f32, shift: f32): void {
  for (let left = count; left > 0; left -= 4, at += 16) {
    const value = f32x4.add(f32x4.mul(f32x4.splat(factor), v128.load(at)), f32x4.splat(shift));
    storeQuad(at, clamp(value), left);
  }
}

/** Mean of a plane, summed in float64. */
export function mean(at: usize, count: i32): f64 {
  let sums = f64x2.splat(0);
  const end = at + 4 * (count & ~3);
  for (; at < end; at += 16) {
    const quad = v128.load(at);
    sums = f64x2.add(sums, f64x2.promote_low_f32x4(quad));
    sums = f64x2.add(sums, f64x2.promote_low_f32x4(v128.shuffle<f32>(quad, quad, 2, 3, 2, 3)));
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (let left = count & 3; left > 0; left--, at += 4) sum += load<f32>(at);
  return sum / count;
}

/** Brightness of three planes, into one. */
export function toLuma(at: usize, pixels: i32, into: usize): void {
  const plane: usize = 4 * pixels;
  for (let left = pixels; left > 0; left -= 4, at += 16, into += 16) {
    storeQuad(into, luma(v128.load(at), v128.load(at + plane), v128.load(at + 2 * plane)), left);
  }
}

/** Blends each pixel with its brightness: grey at 0, unchanged at 1, and limited to [0, 1]. */
export function saturate(at: usize, pixels: i32, factor: f32): void {
  const plane: usize = 4 * pixels;
  const keep = f32x4.splat(factor);
  for (let left = pixels; left > 0; left -= 4, at += 16) {
    const red = v128.load(at);
    const green = v128.load(at + plane);
    const blue = v128.load(at + 2 * plane);
    const grey = f32x4.mul(f32x4.splat(1 - factor), luma(red, green, blue));
    storeQuad(at, clamp(f32x4.add(f32x4.mul(keep, red), grey)), left);
    storeQuad(at + plane, clamp(f32x4.add(f32x4.mul(keep, green), grey)), left);
    storeQuad(at + 2 * plane, clamp(f32x4.add(f32x4.mul(keep, blue), grey)), left);
  }
}

/**
 * How much of the chroma a channel lacks at a place on the colour circle, in sixths, below 12 of them:
 * max(0, min(k, 4 − k, 1)) with k = place modulo 6.
 */
@inline
function lack(place: v128): v128 {
  const six = f32x4.splat(6);
  const k = f32x4.sub(place, v128.and(six, f32x4.ge(place, six)));
  return clamp(f32x4.pmin(k, f32x4.sub(f32x4.splat(4), k)));
}

/** Turns the HSV hue by `sixths` of the circle, in [0, 6); value and chroma stay. */
export function turnHue(at: usize, pixels: i32, sixths: f32): void {
  const plane: usize = 4 * pixels;
  const six = f32x4.splat(6);
  for (let left = pixels; left > 0; left -= 4, at += 16) {
    const red = v128.load(at);
    const green = v128.load(at + plane);
    const blue = v128.load(at + 2 * plane);
    const value = f32x4.pmax(red, f32x4.pmax(green, blue));
    const chroma = f32x4.sub(value, f32x4.pmin(red, f32x4.pmin(green, blue)));
    // Hue from the largest channel: (g − b) / c, 2 + (b − r) / c or 4 + (r − g) / c; grey pixels have none, so any will do.
    const isRed = f32x4.eq(value, red);
    const isGreen = f32x4.eq(value, green);
    const difference = v128.bitselect(
      f32x4.sub(green, blue),
      v128.bitselect(f32x4.sub(blue, red), f32x4.sub(red, green), isGreen),
      isRed,
    );
    const base = v128.andnot(v128.bitselect(f32x4.splat(2), f32x4.splat(4), isGreen), isRed);
    const ratio = f32x4.div(difference, f32x4.pmax(chroma, f32x4.splat(1e-30)));
    let hue = f32x4.add(f32x4.add(base, ratio), f32x4.splat(sixths));
    hue = f32x4.add(hue, v128.and(six, f32x4.lt(hue, f32x4.splat(0))));
    hue = f32x4.sub(hue, v128.and(six, f32x4.ge(hue, six)));
    storeQuad(at, f32x4.sub(value, f32x4.mul(chroma, lack(f32x4.add(hue, f32x4.splat(5))))), left);
    storeQuad(at + plane, f32x4.sub(value, f32x4.mul(chroma, lack(f32x4.add(hue, f32x4.splat(3))))), left);
    storeQuad(at + 2 * plane, f32x4.sub(value, f32x4.mul(chroma, lack(f32x4.add(hue, f32x4.splat(1))))), left);
  }
}

/** Inverts values from the threshold on. */
export function solarize(at: usize, count: i32, threshold: f32): void {
  for (let left = count; left > 0; left -= 4, at += 16) {
    const value = v128.load(at);
    const bright = f32x4.ge(value, f32x4.splat(threshold));
    storeQuad(at, v128.bitselect(f32x4.sub(f32x4.splat(1), value), value, bright), left);
  }
}

/** v → scale · v + shift of one plane, into another place: normalises grey images. */
export function normalise(at: usize, count: i32, into: usize, scale: f32, shift: f32): void {
  for (const end = at + 4 * count; at < end; at += 16, into += 16) {
    v128.store(into, f32x4.add(f32x4.mul(f32x4.splat(scale), v128.load(at)), f32x4.splat(shift)));
  }
}

/** v → scale · v + shift by channel, three planes into interleaved pixels. `statistics`: three scales, three shifts. */
export function interleave(at: usize, pixels: i32, into: usize, statistics: usize): void {
  const plane: usize = 4 * pixels;
  const scale0 = v128.load_splat<f32>(statistics);
  const scale1 = v128.load_splat<f32>(statistics, 4);
  const scale2 = v128.load_splat<f32>(statistics, 8);
  const shift0 = v128.load_splat<f32>(statistics, 12);
  const shift1 = v128.load_splat<f32>(statistics, 16);
  const shift2 = v128.load_splat<f32>(statistics, 20);
  for (const end = at + plane; at < end; at += 16, into += 48) {
    const r = f32x4.add(f32x4.mul(scale0, v128.load(at)), shift0);
    const g = f32x4.add(f32x4.mul(scale1, v128.load(at + plane)), shift1);
    const b = f32x4.add(f32x4.mul(scale2, v128.load(at + 2 * plane)), shift2);
    v128.store(into, v128.shuffle<f32>(v128.shuffle<f32>(r, g, 0, 4, 1, 1), b, 0, 1, 4, 2)); // r0 g0 b0 r1
    v128.store(into, v128.shuffle<f32>(v128.shuffle<f32>(g, b, 1, 5, 2, 2), r, 0, 1, 6, 2), 16); // g1 b1 r2 g2
    v128.store(into, v128.shuffle<f32>(v128.shuffle<f32>(r, g, 3, 7, 3, 3), b, 6, 0, 1, 7), 32); // b2 r3 g3 b3
  }
}
