import {
  type Encoder,
  initialise,
  layerContext,
  type NamedTensors,
  type Objective,
  patchify,
  type TokenEncoder,
  tf,
  toTensor,
} from '@unlabel/core';

/** For tests: a token encoder that adds nothing of its own; tokens are patches of 2 × 2 pixels, features their mean. */
export function plainEncoder(onEncode: (tokens: tf.Tensor3D) => void = () => {}): TokenEncoder {
  const embed = (input: tf.Tensor): tf.Tensor3D => {
    const [batch = 0, height = 0, width = 0] = input.shape;
    return patchify(tf.reshape(input, [batch, height, width, 1]), 2);
  };
  const encode = (tokens: tf.Tensor3D) => {
    onEncode(tokens);
    return { tokens, features: tf.mean<tf.Tensor2D>(tokens, 1) };
  };
  return {
    name: 'plain',
    inputShape: [6, 6, 1],
    outputDim: 4,
    tokenDim: 4,
    grid: [3, 3],
    variables: {},
    embed,
    positions: () => tf.zeros([9, 4]),
    encode,
    tokens: embed,
    apply: (input) => encode(embed(input)).features,
  };
}

/** A batch of 5 images of `side` pixels a side. */
export function imageView(seed: number, side = 6): tf.Tensor {
  return tf.randomNormal([5, side, side, 1], 0, 1, 'float32', seed);
}

/** First values of all variables of a method around an encoder. */
export function firstState(objective: Objective, encoder: Encoder): NamedTensors {
  const values = Object.entries(initialise(objective.bind(encoder).variables, 0));
  return Object.fromEntries(values.map(([name, value]) => [name, toTensor(value)]));
}

/** What a step is given besides the method. */
export interface StepInputs {
  readonly encoder: Encoder;
  readonly views: readonly tf.Tensor[];
  readonly tensors?: NamedTensors;
  /** Default: first values. */ readonly state?: NamedTensors;
}

/** What a method reports of a batch at the first of ten steps, and what its loss updates. */
export function lossOf(objective: Objective, { encoder, views, tensors = {}, ...given }: StepInputs) {
  const { state = firstState(objective, encoder) } = given;
  const bound = objective.bind(encoder);
  const schedules = Object.entries(bound.schedules ?? {});
  const scalars = Object.fromEntries(schedules.map(([name, schedule]) => [name, tf.scalar(schedule(10, 10)(0))]));
  const random = (name: string, shape: readonly number[]) => tf.randomUniform([...shape], 0, 1, 'float32', name.length);
  const { context, updates } = layerContext(state, { training: true, random: { normal: random, uniform: random } });
  return { ...bound.loss({ views, tensors, scalars }, context), updates };
}
