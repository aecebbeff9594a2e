import type { tf } from '@unlabel/core';
import type { Declarations, Dispatcher, Program } from './dispatcher';
import type { Summed } from './workgroupSum';

/** What is done to each of many tensors, to several of them in a dispatch: to as many as the device has bindings for. */
export interface PackedProgram {
  /** Unique. */ readonly name: string;
  /** Arrays that each tensor brings to be read, float32. */ readonly reads: readonly string[];
  /** Arrays that each brings to be changed in place, float32. */ readonly changes: readonly string[];
  /** Arrays that all read, float32. */ readonly shared: readonly string[];
  /** An array that all write, if any, float32. */ readonly result?: string;
  /** Numbers of each tensor. */ readonly uniforms: Declarations<'f32' | 'u32'>;
  /** Numbers of all. */ readonly constants?: Declarations<'f32' | 'u32'>;
  /** As {@link Program.sums}. */ readonly sums?: Summed;
  /** WGSL of functions. */ readonly functions?: string;
  /**
   * WGSL of what a tensor's workgroup does, from `group`, its number among the tensor's, and `thread`. What belongs to the
   * tensor has its place in the dispatch at the end of its name: `p${at}`, `u.size${at}`.
   */
  readonly each: (at: number) => string;
}

/** A tensor, with what belongs to it in the order of the program. */
export interface PackedTensor {
  readonly reads: readonly tf.Tensor[];
  readonly changes: readonly tf.Tensor[];
  readonly uniforms: Readonly<Record<string, number>>;
  readonly groups: number;
}

/** What all tensors share. */
export interface PackedCall {
  readonly shared: readonly tf.Tensor[];
  readonly result?: tf.Tensor;
  readonly constants?: Readonly<Record<string, number>>;
}

/** Invocations of a workgroup. */
export const width = 256;

/** Runs a program on all tensors. */
export function runPacked(
  dispatcher: Dispatcher,
  program: PackedProgram,
  tensors: readonly PackedTensor[],
  { shared, result, constants }: PackedCall,
): void {
  const { reads, changes } = program;
  const others = shared.length + (result ? 1 : 0);
  const bindings = dispatcher.device.limits.maxStorageBuffersPerShaderStage - others;
  const atOnce = Math.floor(bindings / (reads.length + changes.length));
  for (let first = 0; first < tensors.length; first += atOnce) {
    const own = tensors.slice(first, first + atOnce);
    const ends = own.map((_, at) => own.slice(0, at + 1).reduce((sum, { groups }) => sum + groups, 0));
    const uniforms = own.flatMap((tensor, at) => numbered({ ...tensor.uniforms, end: ends[at] ?? 0 }, at));
    dispatcher.run(packedProgram(program, own.length), {
      inputs: [...own.flatMap((tensor) => tensor.reads), ...shared],
      outputs: [...own.flatMap((tensor) => tensor.changes), ...(result ? [result] : [])],
      uniforms: { ...constants, ...Object.fromEntries(uniforms) },
      groups: ends.at(-1) ?? 0,
    });
  }
}

function numbered<Value>(named: Readonly<Record<string, Value>>, at: number): [string, Value][] {
  return Object.entries(named).map(([name, value]) => [`${name}${at}`, value]);
}

/** The program for so many tensors. */
function packedProgram(program: PackedProgram, tensors: number): Program {
  const { name, reads, changes, shared, result, constants, sums, functions = '', each } = program;
  const places = Array.from({ length: tensors }, (_, at) => at);
  const arrays = (names: readonly string[]) => places.flatMap((at) => names.map((array) => `${array}${at}`));
  const floats = (names: readonly string[]) => Object.fromEntries(names.map((array) => [array, 'f32'] as const));
  const uniforms = places.flatMap((at) => numbered({ ...program.uniforms, end: 'u32' as const }, at));
  return {
    name: `${name} of ${tensors}`,
    workgroup: width,
    ...(sums && { sums }),
    inputs: floats([...arrays(reads), ...shared]),
    outputs: floats([...arrays(changes), ...(result ? [result] : [])]),
    uniforms: { ...constants, ...Object.fromEntries(uniforms) },
    code: `${functions}
${places.map((at) => `fn of${at}(group: u32, thread: u32) {${each(at)}}`).join('\n')}
fn main(group: u32, thread: u32) {
  ${places.map((at) => `if (group < u.end${at}) { of${at}(group${at > 0 ? ` - u.end${at - 1}` : ''}, thread); return; }`).join('\n  ')}
}`,
  };
}
