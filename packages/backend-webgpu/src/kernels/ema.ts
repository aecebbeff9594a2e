import type { FusedUpdateKernel } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';

/** Moving averages, one dispatch for each tensor. */
export function emaKernel(dispatcher: Dispatcher): FusedUpdateKernel<'ema'> {
  return ({ pairs, momentum }) =>
    pairs.map(({ teacher, student }) => {
      const { shape, size } = teacher;
      const inputs = [teacher, student, momentum];
      const groups = Math.ceil(size / width);
      const [next = teacher] = dispatcher.run(program, { inputs, outputs: [shape], uniforms: { size }, groups });
      return next;
    });
}

const width = 256;

const program: Program = {
  name: 'moving average',
  workgroup: width,
  inputs: { teacher: 'f32', student: 'f32', momentum: 'f32' },
  outputs: { next: 'f32' },
  uniforms: { size: 'u32' },
  code: `
fn main(group: u32, thread: u32) {
  let i = group * ${width}u + thread;
  if (i >= u.size) { return; }
  next[i] = teacher[i] * momentum[0] + student[i] * (1.0 - momentum[0]);
}`,
};
