/**
 * Turns and mirrors a map so that its points lie as near as they can to where they were: the axes of a principal
 * component analysis are free in that, and would jump from frame to frame.
 * @param before `[count, 2]`, row-major; empty for the first map
 * @param after `[count, 2]`
 * @returns `after`, turned: the orthogonal Procrustes solution, in two dimensions
 */
export function alignMap(before: Float32Array, after: Float32Array): Float32Array<ArrayBuffer> {
  const turned = Float32Array.from(after);
  if (before.length !== after.length) return turned;
  let [xx, xy, yx, yy] = [0, 0, 0, 0];
  for (let at = 0; at < after.length; at += 2) {
    const [x, y, u, v] = [after[at] ?? 0, after[at + 1] ?? 0, before[at] ?? 0, before[at + 1] ?? 0];
    xx += x * u;
    xy += x * v;
    yx += y * u;
    yy += y * v;
  }
  const [rotation, reflection] = [Math.hypot(xx + yy, xy - yx), Math.hypot(xx - yy, xy + yx)];
  const mirror = reflection > rotation ? -1 : 1; // of y, before turning
  const angle = mirror === 1 ? Math.atan2(xy - yx, xx + yy) : Math.atan2(xy + yx, xx - yy);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let at = 0; at < after.length; at += 2) {
    const [x, y] = [after[at] ?? 0, mirror * (after[at + 1] ?? 0)];
    turned[at] = cos * x - sin * y;
    turned[at + 1] = sin * x + cos * y;
  }
  return turned;
}
