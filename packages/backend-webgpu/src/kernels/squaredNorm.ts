import { type FusedUpdateKernel, tf } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';
import { workgroupSum } from './workgroupSum';

/** The squared norm of many tensors, one dispatch for seven of them and two in the end. */
export function squaredNormKernel(dispatcher: Dispatcher): FusedUpdateKernel<'squaredNorm'> {
  return ({ tensors }) => {
    if (tensors.length === 0) return tf.scalar(0);
    const sums = Array.from({ length: Math.ceil(tensors.length / atOnce) }, (_, index) => {
      const own = tensors.slice(index * atOnce, (index + 1) * atOnce);
      const [first = tf.scalar(0)] = own;
      const inputs = places.map((place) => own[place] ?? first);
      const uniforms = Object.fromEntries(places.map((place) => [`size${place}`, own[place]?.size ?? 0]));
      const groups = own.length * partsOfEach;
      const [partial = first] = dispatcher.run(program, { inputs, outputs: [[groups]], uniforms, groups });
      return partial;
    });
    return tf.sum(sums.length === 1 ? (sums[0] ?? tf.scalar(0)) : tf.concat(sums));
  };
}

/** WebGPU promises eight storage buffers: so many inputs beside one output. */
const atOnce = 7;
const places = Array.from({ length: atOnce }, (_, place) => place);
const partsOfEach = 16;
const width = 256;

const program: Program = {
  name: 'squared norms',
  workgroup: width,
  inputs: Object.fromEntries(places.map((place) => [`x${place}`, 'f32'])),
  outputs: { partial: 'f32' },
  uniforms: Object.fromEntries(places.map((place) => [`size${place}`, 'u32'])),
  code: `
${workgroupSum('f32', width)}
fn main(group: u32, thread: u32) {
  let first = (group % ${partsOfEach}u) * ${width}u + thread;
  var sum = 0.0;
  switch (group / ${partsOfEach}u) {
    ${places
      .map(
        (place) => `
    ${place === atOnce - 1 ? 'default' : `case ${place}u`}: {
      for (var i = first; i < u.size${place}; i += ${partsOfEach * width}u) { sum += x${place}[i] * x${place}[i]; }
    }`,
      )
      .join('')}
  }
  let total = workgroupSum(sum, thread);
  if (thread == 0u) { partial[group] = total; }
}`,
};
