/**
 * `fn workgroupSum(value, thread) -> value's type`: the sum over a workgroup's invocations, to all of them. It may be called
 * again at once. Two barriers, whatever the width: on GPUs they cost more than the few numbers that each invocation adds up
 * between them, and on software ones most of all.
 * @param type of the values in WGSL, such as `f32` or `vec2<f32>`
 * @param width invocations of the workgroup, 64 or 256
 */
export function workgroupSum(type: string, width: 64 | 256): string {
  const columns = Math.sqrt(width);
  return `
var<workgroup> ofInvocations: array<${type}, ${width}>;
var<workgroup> ofColumns: array<${type}, ${columns}>;
fn workgroupSum(value: ${type}, thread: u32) -> ${type} {
  ofInvocations[thread] = value;
  workgroupBarrier();
  if (thread < ${columns}u) {
    var sum = value;
    for (var i = thread + ${columns}u; i < ${width}u; i += ${columns}u) { sum += ofInvocations[i]; }
    ofColumns[thread] = sum;
  }
  workgroupBarrier();
  var sum = ofColumns[0];
  for (var i = 1u; i < ${columns}u; i++) { sum += ofColumns[i]; }
  return sum;
}`;
}
