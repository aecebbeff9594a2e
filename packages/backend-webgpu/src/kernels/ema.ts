import type { FusedUpdateKernel } from '@unlabel/core';
import type { Dispatcher } from './dispatcher';
import { type PackedProgram, runPacked, width } from './packed';

/** Moving averages, in place. */
export function emaKernel(dispatcher: Dispatcher): FusedUpdateKernel<'ema'> {
  return ({ pairs, momentum, donated }) => {
    const moved = pairs.map(({ teacher, student }) => ({ teacher: dispatcher.writable(teacher, donated), student }));
    const tensors = moved.map(({ teacher, student }) => ({
      reads: [student],
      changes: [teacher],
      uniforms: { size: teacher.size },
      groups: Math.ceil(teacher.size / width),
    }));
    runPacked(dispatcher, program, tensors, { shared: [momentum] });
    return moved.map(({ teacher }) => teacher);
  };
}

const program: PackedProgram = {
  name: 'moving average',
  reads: ['student'],
  changes: ['teacher'],
  shared: ['momentum'],
  uniforms: { size: 'u32' },
  each: (at) => `
  let i = group * ${width}u + thread;
  if (i >= u.size${at}) { return; }
  teacher${at}[i] = teacher${at}[i] * momentum[0] + student${at}[i] * (1.0 - momentum[0]);
`,
};
