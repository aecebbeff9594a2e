/**
 * `fn workgroupSum(value, thread) -> value's type`: the sum over a workgroup's invocations, to all of them. It begins and
 * ends with a barrier, so that it may be called again at once.
 * @param type of the values in WGSL, such as `f32` or `vec2<f32>`
 * @param width invocations of the workgroup, a power of two
 */
export function workgroupSum(type: string, width: number): string {
  return `
var<workgroup> sums: array<${type}, ${width}>;
fn workgroupSum(value: ${type}, thread: u32) -> ${type} {
  workgroupBarrier();
  sums[thread] = value;
  for (var stride = ${width / 2}u; stride > 0u; stride /= 2u) {
    workgroupBarrier();
    if (thread < stride) { sums[thread] += sums[thread + stride]; }
  }
  workgroupBarrier();
  return sums[0];
}`;
}
