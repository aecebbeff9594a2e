import {
  dense,
  type Encoder,
  type HostTensors,
  type NamedTensors,
  type Objective,
  tf,
  UnlabelError,
  type Variables,
  variablesOf,
} from '@unlabel/core';

export interface CrossEntropyOptions {
  /** ε, share of each target that is spread over all classes, in [0, 1) (default 0). */
  readonly labelSmoothing?: number;
}

/**
 * Softmax cross-entropy with smoothed labels: −Σ_c t_c log softmax(logits)_c with t = (1 − ε) onehot + ε/classes, averaged
 * over the batch.
 * @param logits `[batch, classes]`
 * @param labels class indices, int32 `[batch]`
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Szegedy et al., CVPR 2016, https://arxiv.org/abs/1512.00567, §7
 */
export function crossEntropyLoss(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: CrossEntropyOptions = {},
): tf.Scalar {
  const { labelSmoothing: epsilon = 0 } = options;
  const [batch, classes] = logits.shape;
  if (labels.rank !== 1 || labels.shape[0] !== batch || labels.dtype !== 'int32') {
    throw new UnlabelError(
      'SHAPE_MISMATCH',
      `labels is ${labels.dtype} [${labels.shape}] for ${batch} rows of logits.`,
      {
        fix: 'Give the class of each row, as int32.',
      },
    );
  }
  requireSmoothing(epsilon);
  return tf.tidy(() => {
    const targets = tf.add(tf.mul(tf.oneHot(labels, classes), 1 - epsilon), epsilon / classes);
    const losses = tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1));
    return tf.mean(losses);
  });
}

/**
 * Supervised classification as an objective: {@link crossEntropyLoss} of an encoder whose outputs are logits, as
 * {@link classifierOf} makes one. Takes one view and `labels`.
 */
export function supervised(options: CrossEntropyOptions = {}): Objective {
  requireSmoothing(options.labelSmoothing ?? 0);
  return {
    name: 'supervised',
    views: { min: 1, max: 1 },
    minBatch: 2, // batch norm
    needs: ['labels'],
    bind: (encoder) => ({
      variables: variablesOf({ encoder }),
      loss: ({ views: [view], tensors }, context) => {
        if (!view) throw new Error('The step was run without a view.');
        const logits = encoder.apply(view, context.scope('encoder'));
        const loss = crossEntropyLoss(logits, labelsOf(tensors), options);
        return { loss, terms: { crossEntropy: loss }, projection: logits };
      },
    }),
  };
}

/**
 * An encoder with a linear layer to classes, itself an encoder whose features are logits `[batch, classes]`. Its variables
 * are those of the encoder under `trunk/` and of the layer under `head/`; the layer lies one deeper than the encoder.
 * @param weights of the encoder, by their own names (default: its first values)
 * @throws UnlabelError `VARIABLE_MISSING`, `SHAPE_MISMATCH`
 */
export function classifierOf(encoder: Encoder, classes: number, weights?: HostTensors): Encoder {
  const head = dense({ inputDim: encoder.outputDim, outputDim: classes });
  const trunk = { variables: weights ? startingFrom(encoder.variables, weights) : encoder.variables };
  const { depthOf, depth = 0 } = encoder;
  return {
    name: `${encoder.name}-classifier`,
    inputShape: encoder.inputShape,
    outputDim: classes,
    variables: variablesOf({ trunk, head }),
    apply: (input, context) => head.apply(encoder.apply(input, context.scope('trunk')), context.scope('head')),
    ...(depthOf && {
      depth,
      depthOf: (variable: string) =>
        variable.startsWith('trunk/') ? depthOf(variable.slice('trunk/'.length)) : depth + 1,
    }),
  };
}

/** Variables whose first values are `weights`. */
function startingFrom(variables: Variables, weights: HostTensors): Variables {
  const entries = Object.entries(variables).map(([name, variable]) => {
    const given = weights[name];
    if (!given) {
      throw new UnlabelError('VARIABLE_MISSING', `The weights have no ${name}.`, {
        fix: 'Give the weights of this very encoder.',
      });
    }
    if (given.shape.join() !== variable.shape.join()) {
      throw new UnlabelError('SHAPE_MISMATCH', `${name} is [${given.shape}], not [${variable.shape}].`, {
        fix: 'Give the weights of this very encoder.',
      });
    }
    return [name, { ...variable, initial: () => Float32Array.from(given.data) }] as const;
  });
  return Object.fromEntries(entries);
}

function labelsOf({ labels }: NamedTensors): tf.Tensor1D {
  if (labels) return tf.reshape<tf.Rank.R1>(labels, [-1]);
  throw new UnlabelError('LABELS_MISSING', 'The batch has no labels.', {
    fix: 'Let the loader give them: loader(dataset, { labels: true, … }).',
  });
}

function requireSmoothing(epsilon: number): void {
  if (epsilon >= 0 && epsilon < 1) return;
  throw new UnlabelError('INVALID_OPTION', `labelSmoothing is ${epsilon}.`, { fix: 'Give a number in [0, 1).' });
}
