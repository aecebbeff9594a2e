// AssemblyScript. What the kernels do with four floats at a time.

/** Limits values to [0, 1]; no number becomes 0. `pmin` and `pmax` are one instruction, unlike `min` and `max`. */
@inline
export function clamp(value: v128): v128 {
  return f32x4.pmin(f32x4.splat(1), f32x4.pmax(f32x4.splat(0), value));
}

/** Brightness, with ITU-R 601-2 weights as torchvision rounds them. */
@inline
export function luma(red: v128, green: v128, blue: v128): v128 {
  return f32x4.add(
    f32x4.add(f32x4.mul(f32x4.splat(0.2989), red), f32x4.mul(f32x4.splat(0.587), green)),
    f32x4.mul(f32x4.splat(0.114), blue),
  );
}

/** Stores four floats, or as many as are left. */
@inline
export function storeQuad(at: usize, value: v128, left: i32): void {
  if (left >= 4) v128.store(at, value);
  else storeFew(at, value, left);
}

function storeFew(at: usize, value: v128, left: i32): void {
  f32.store(at, f32x4.extract_lane(value, 0));
  if (left > 1) f32.store(at, f32x4.extract_lane(value, 1), 4);
  if (left > 2) f32.store(at, f32x4.extract_lane(value, 2), 8);
}
