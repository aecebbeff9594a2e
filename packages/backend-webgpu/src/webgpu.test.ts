import { hostTensor, type Step, tf } from '@unlabel/core';
import { expect, test } from 'vitest';
import { webgpu } from './webgpu';

const descend: Step<'loss'> = ({ state, inputs }) => {
  const { w } = state;
  const { x } = inputs;
  if (!w || !x) throw new Error('The step was run without its tensors.');
  const error = tf.sub(w, x);
  return { outputs: { loss: tf.sum(tf.square(error)) }, state: { w: tf.sub(w, tf.mul(0.5, error)) } };
};

test('trains: state moves by the step, on the tfjs backend webgpu', async () => {
  const session = await webgpu().open();
  expect(session).toMatchObject({ backend: 'webgpu', eager: 'webgpu' });
  const spec = { shape: [2], dtype: 'float32' } as const;
  const step = await session.compile(descend, { inputs: { x: spec }, state: { w: spec } });
  const state = await session.createState({ w: hostTensor(Float32Array.of(1, 2), [2]) });
  const inputs = { x: hostTensor(Float32Array.of(3, 2), [2]) };
  const losses = [];
  for (const index of [0, 1]) losses.push((await step.run(state, inputs, [0, 'step', index])).loss.data[0]);
  expect(losses).toEqual([4, 1]);
  expect((await state.read()).w?.data).toEqual(Float32Array.of(2.5, 2));
});
