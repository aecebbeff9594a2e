import { dense, type Encoder, type LabelledFeatures, randomStream, tf, variablesOf } from '@unlabel/core';

/** Points in the plane, which are their own features; the class says whether their coordinates have the same sign. */
export function quadrants(count: number, seed: number): LabelledFeatures {
  const random = randomStream([seed]);
  const features = Float32Array.from({ length: count * 2 }, () => random.normal());
  const labels = Int32Array.from({ length: count }, (_, row) =>
    (features[2 * row] ?? 0) * (features[2 * row + 1] ?? 0) > 0 ? 1 : 0,
  );
  return { features, count, dim: 2, labels, classes: 2 };
}

/** An encoder of such points: two layers, told apart by depth. */
export function plane(): Encoder {
  const layers = { first: dense({ inputDim: 2, outputDim: 16 }), second: dense({ inputDim: 16, outputDim: 8 }) };
  return {
    name: 'plane',
    inputShape: [2],
    outputDim: 8,
    variables: variablesOf(layers),
    depth: 1,
    depthOf: (variable) => (variable.startsWith('first/') ? 0 : 1),
    apply: (input, context) => {
      const rows = tf.reshape<tf.Rank.R2>(input, [-1, 2]);
      const hidden = tf.relu(layers.first.apply(rows, context.scope('first')));
      return tf.relu(layers.second.apply(hidden, context.scope('second')));
    },
  };
}
