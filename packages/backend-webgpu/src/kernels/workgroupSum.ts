/** What a program may add up over its workgroup, in WGSL. */
export type Summed = 'f32' | 'vec2<f32>';

/**
 * `fn workgroupSum(value, thread) -> value's type`: the sum over a workgroup's invocations, to all of them. It may be called
 * again at once. Few barriers, whatever the width: on GPUs they cost more than the few numbers that each invocation adds up
 * between them, and on software ones most of all.
 * @param width invocations of the workgroup, 64 or 256
 * @param subgroups whether the device adds up over subgroups: then with one barrier, else with two
 */
export function workgroupSum(type: Summed, width: number, subgroups: boolean): string {
  return subgroups ? sumOfSubgroups(type, width) : sumOfColumns(type, width);
}

function sumOfColumns(type: Summed, width: number): string {
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

/**
 * Calls take turns with two places for the subgroups' sums: who is a call ahead does not overwrite what others still read,
 * and nobody gets two ahead. Which invocations a subgroup has does not matter to a sum.
 */
function sumOfSubgroups(type: Summed, width: number): string {
  const most = width / smallestSubgroup;
  return `
var<workgroup> ofSubgroups: array<array<${type}, ${most}>, 2>;
var<private> turn = 0u;
fn workgroupSum(value: ${type}, thread: u32) -> ${type} {
  let own = subgroupAdd(value);
  turn = 1u - turn;
  if (subgroupElect()) { ofSubgroups[turn][subgroup] = own; }
  workgroupBarrier();
  var sum = ofSubgroups[turn][0];
  for (var i = 1u; i < subgroups; i++) { sum += ofSubgroups[turn][i]; }
  return sum;
}`;
}

/** Invocations of the smallest subgroups that WebGPU allows. */
const smallestSubgroup = 4;
