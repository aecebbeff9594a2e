import type { Encoder } from './encoder';
import { UnlabelError } from './errors';
import type { LayerContext, Variable } from './nn/layer';
import { tf } from './tf';

/** A weight of a tfjs-layers model (its `LayerVariable`). */
export interface LayersWeight {
  /** Scoped name, such as `'dense_Dense1/kernel'`. */ readonly originalName: string;
  readonly shape: readonly (number | null)[];
  read(): tf.Tensor;
  write(value: tf.Tensor): unknown;
}

/** What is used of a tfjs-layers `LayersModel`, so that core does not depend on the package. */
export interface LayersModel {
  readonly name: string;
  readonly inputs: readonly { readonly shape: readonly (number | null)[] }[];
  readonly outputs: readonly { readonly shape: readonly (number | null)[] }[];
  readonly layers: readonly {
    readonly name: string;
    readonly weights: readonly LayersWeight[];
    getClassName(): string;
  }[];
  readonly trainableWeights: readonly LayersWeight[];
  apply(input: tf.Tensor, options?: { readonly training?: boolean }): unknown;
}

/** Layers that draw JavaScript's own randomness, which would differ between runs and freeze in a captured step. */
const randomLayers = new Set(['AlphaDropout', 'Dropout', 'GaussianDropout', 'GaussianNoise', 'SpatialDropout1D']);

/**
 * A tfjs-layers model, such as a `tf.sequential()` of your own or a loaded Keras one, as an encoder. It starts from the
 * model's present weights and leaves them as they are: while the encoder is applied, its layers see the context's tensors.
 * Variables: `layers/<index>/<weight>`, such as `layers/0/kernel`, whatever tfjs called the layers.
 * @param model with one input and one output `[batch, features]`, built (its input shape known)
 * @throws UnlabelError `INVALID_OPTION` for other models, and for layers with randomness of their own, such as Dropout
 */
export function tfjsLayersEncoder(model: LayersModel): Encoder {
  const weights = namedWeights(model);
  const { inputShape, outputDim } = extentsOf(model);
  const variables = Object.fromEntries(
    weights.map(([name, weight]): [string, Variable] => [
      name,
      {
        shape: weight.read().shape,
        initial: () => Float32Array.from(weight.read().dataSync()),
        trainable: model.trainableWeights.includes(weight),
      },
    ]),
  );
  return {
    name: 'tfjs-layers',
    inputShape,
    outputDim,
    variables,
    apply: (input, context) => {
      const output = withWeights(weights, context, () => model.apply(input, { training: context.training }));
      if (output instanceof tf.Tensor) return tf.reshape(output, [-1, outputDim]);
      throw refusal(model, 'gave no tensor', 'Pass a model with one output.');
    },
    depth: Math.max(0, model.layers.length - 1),
    depthOf: (variable) => Number(variable.split('/')[1]),
  };
}

/** Lends the context's tensors to the model's weights, and takes what layers write (batch-norm statistics) as updates. */
function withWeights<T>(weights: readonly [string, LayersWeight][], context: LayerContext, act: () => T): T {
  const own = weights.map(([, weight]) => ({ read: weight.read, write: weight.write }));
  const written = new Map<string, tf.Tensor>();
  try {
    for (const [name, weight] of weights) {
      weight.read = () => written.get(name) ?? context.get(name);
      weight.write = (value) => {
        written.get(name)?.dispose();
        written.set(name, tf.keep(tf.clone(value))); // the layer disposes of the value itself
        return weight;
      };
    }
    const result = act();
    for (const [name, value] of written) context.update(name, tf.clone(value));
    return result;
  } finally {
    for (const value of written.values()) value.dispose();
    for (const [index, [, weight]] of weights.entries()) Object.assign(weight, own[index]);
  }
}

/** Every weight with its name, a repeated one (a bidirectional layer has two kernels) with its number. */
function namedWeights(model: LayersModel): [string, LayersWeight][] {
  const random = model.layers.find((layer) => randomLayers.has(layer.getClassName()));
  if (random) {
    throw refusal(
      model,
      `has a ${random.getClassName()} layer, ${random.name}, which draws randomness outside the run's seed`,
      "Leave it out; core's `dropout` draws from the run's generator.",
    );
  }
  return model.layers.flatMap((layer, index) => {
    const seen = new Map<string, number>();
    return layer.weights.map((weight): [string, LayersWeight] => {
      const base = weight.originalName.split('/').at(-1) ?? weight.originalName;
      const count = (seen.get(base) ?? 0) + 1;
      seen.set(base, count);
      return [`layers/${index}/${count === 1 ? base : `${base}_${count}`}`, weight];
    });
  });
}

function extentsOf(model: LayersModel): { readonly inputShape: readonly number[]; readonly outputDim: number } {
  const [input, ...moreInputs] = model.inputs;
  const [output, ...moreOutputs] = model.outputs;
  if (!input || !output || moreInputs.length > 0 || moreOutputs.length > 0) {
    throw refusal(
      model,
      `has ${model.inputs.length} inputs and ${model.outputs.length} outputs`,
      'Give it one of each.',
    );
  }
  const inputShape = input.shape.slice(1).map((extent) => extent ?? 0);
  const outputDim = output.shape[1];
  if (output.shape.length !== 2 || !outputDim || inputShape.includes(0)) {
    throw refusal(
      model,
      `maps [${input.shape}] to [${output.shape}]`,
      'Give it a full inputShape, and end it in features: add globalAveragePooling2d or flatten.',
    );
  }
  return { inputShape, outputDim };
}

function refusal(model: LayersModel, what: string, fix: string): UnlabelError {
  return new UnlabelError('INVALID_OPTION', `The tfjs-layers model ${model.name} ${what}.`, { fix });
}
