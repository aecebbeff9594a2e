import { type Encoder, mlpHead, tf } from '@unlabel/core';

const network = mlpHead({ dims: [6, 5] });

/** For tests: a linear encoder from 6 numbers to 5. */
export const tinyEncoder: Encoder = {
  name: 'tiny',
  inputShape: [6],
  outputDim: 5,
  variables: network.variables,
  apply: (input, context) => network.apply(tf.reshape(input, [-1, 6]), context),
};
