// AssemblyScript. A separable blur with mirrored borders: each row is blurred down the columns into one line, and along
// the line back into the plane. `kernel` are its weights from the middle outwards, `reach` + 1 of them; a plane is longer
// than `reach` both ways. The loops may read and write past the end of `line`: callers leave 64 bytes of room.

import { storeQuad } from './quad.as';

/** Copies a plane into `padded`, with `reach` rows reflected about its first and about its last. */
function pad(at: usize, height: i32, row: i32, reach: i32, padded: usize): void {
  memory.copy(padded + reach * row, at, height * row);
  for (let y = 1; y <= reach; y++) {
    memory.copy(padded + (reach - y) * row, at + y * row, row);
    memory.copy(padded + (reach + height - 1 + y) * row, at + (height - 1 - y) * row, row);
  }
}

/** Blurs `count` places, each with its neighbours `step` bytes apart on both sides; eight at a time. */
@inline
function across(middle: usize, step: usize, kernel: usize, reach: i32, into: usize, count: i32, exact: bool): void {
  for (let left = count; left > 0; left -= 8, middle += 32, into += 32) {
    const weight = v128.load_splat<f32>(kernel);
    let a = f32x4.mul(weight, v128.load(middle));
    let b = f32x4.mul(weight, v128.load(middle, 16));
    let before = middle;
    let after = middle;
    for (let x = 1; x <= reach; x++) {
      before -= step;
      after += step;
      const weight = v128.load_splat<f32>(kernel + 4 * x);
      a = f32x4.add(a, f32x4.mul(weight, f32x4.add(v128.load(before), v128.load(after))));
      b = f32x4.add(b, f32x4.mul(weight, f32x4.add(v128.load(before, 16), v128.load(after, 16))));
    }
    if (!exact || left >= 8) {
      v128.store(into, a);
      v128.store(into, b, 16);
    } else {
      storeQuad(into, a, left);
      if (left > 4) storeQuad(into + 16, b, left - 4);
    }
  }
}

/** Writes `reach` values on both sides of a line of `width`, reflected about its ends. */
function mirrorEnds(line: usize, width: i32, reach: i32): void {
  const last = line + 4 * (width - 1);
  for (let x = 1; x <= reach; x++) {
    store<f32>(line - 4 * x, load<f32>(line + 4 * x));
    store<f32>(last + 4 * x, load<f32>(last - 4 * x));
  }
}

/** Blurs one plane in place. `padded` has room for `reach` more rows on both sides, `line` for as many more columns. */
export function blur(at: usize, height: i32, width: i32, kernel: usize, reach: i32, padded: usize, line: usize): void {
  const row = 4 * width;
  pad(at, height, row, reach, padded);
  const start = line + 4 * reach;
  let middle = padded + reach * row;
  for (let y = 0; y < height; y++, middle += row, at += row) {
    across(middle, row, kernel, reach, start, width, false);
    mirrorEnds(start, width, reach);
    across(start, 4, kernel, reach, at, width, true);
  }
}
