import { type FusedUpdateKernel, tf } from '@unlabel/core';
import type { Dispatcher } from './dispatcher';
import { type PackedProgram, runPacked, width } from './packed';

/** The squared norm of many tensors: a sum for each workgroup, and two dispatches more for the sum of these. */
export function squaredNormKernel(dispatcher: Dispatcher): FusedUpdateKernel<'squaredNorm'> {
  return ({ tensors }) => {
    if (tensors.length === 0) return tf.scalar(0);
    const sums = dispatcher.empty([tensors.length * parts]);
    const packed = tensors.map((tensor, index) => ({
      reads: [tensor],
      changes: [],
      uniforms: { size: tensor.size, sumsAt: index * parts },
      groups: parts,
    }));
    runPacked(dispatcher, program, packed, { shared: [], result: sums });
    return tf.sum(sums);
  };
}

/** Workgroups for each tensor. */
const parts = 16;

const program: PackedProgram = {
  name: 'squared norms',
  reads: ['x'],
  changes: [],
  shared: [],
  result: 'sums',
  uniforms: { size: 'u32', sumsAt: 'u32' },
  sums: 'f32',
  each: (at) => `
  var sum = 0.0;
  for (var i = group * ${width}u + thread; i < u.size${at}; i += ${parts * width}u) { sum += x${at}[i] * x${at}[i]; }
  let total = workgroupSum(sum, thread);
  if (thread == 0u) { sums[u.sumsAt${at} + group] = total; }
`,
};
