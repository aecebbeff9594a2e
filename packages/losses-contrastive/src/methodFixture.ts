import {
  type Encoder,
  initialise,
  layerContext,
  mlpHead,
  type NamedTensors,
  type Objective,
  tf,
  toTensor,
} from '@unlabel/core';

const network = mlpHead({ dims: [6, 5] });

/** For tests: a linear encoder from 6 numbers to 5. */
export const linearEncoder: Encoder = {
  name: 'linear',
  inputShape: [6],
  outputDim: 5,
  variables: network.variables,
  apply: (input, context) => network.apply(tf.reshape(input, [-1, 6]), context),
};

/** A batch of 4 inputs of that encoder. */
export function inputView(seed: number, batch = 4): tf.Tensor {
  return tf.randomNormal([batch, 6], 0, 1, 'float32', seed);
}

/** First values of all variables of a method around that encoder. */
export function firstState(objective: Objective): NamedTensors {
  const values = Object.entries(initialise(objective.bind(linearEncoder).variables, 0));
  return Object.fromEntries(values.map(([name, value]) => [name, toTensor(value)]));
}

/** What a method reports of a batch at the first of ten steps, and what its loss and then its `afterUpdate` set. */
export function stepOf(
  objective: Objective,
  views: readonly tf.Tensor[],
  state: NamedTensors,
  tensors: NamedTensors = {},
) {
  const bound = objective.bind(linearEncoder);
  const scalars = Object.fromEntries(
    Object.entries(bound.schedules ?? {}).map(([name, schedule]) => [name, tf.scalar(schedule(10, 10)(0))]),
  );
  const undrawn = (_: string, shape: readonly number[]) => tf.zeros([...shape]);
  const random = { normal: undrawn, uniform: undrawn };
  const during = layerContext(state, { training: true, random });
  const report = bound.loss({ views, tensors, scalars }, during.context);
  const after = layerContext({ ...state, ...during.updates }, { training: false, random });
  bound.afterUpdate?.({ scalars }, after.context);
  return { ...report, updates: during.updates, moved: after.updates };
}

/** The share that a teacher keeps of its first kernel in a step after which the student's is 0, of every element. */
export function keptByTeacher(objective: Objective): readonly number[] {
  const kernel = 'projector/layers/0/dense/kernel';
  const state = firstState(objective);
  const zeroed = { ...state, [kernel]: tf.zerosLike(state[kernel] ?? []) };
  const { moved } = stepOf(objective, [inputView(1), inputView(2)], zeroed);
  return [...tf.div(moved[`teacher/${kernel}`] ?? [], state[`teacher/${kernel}`] ?? []).dataSync()];
}
