import {
  type BoundObjective,
  dense,
  type Encoder,
  type HostTensor,
  type HostTensors,
  hostScalar,
  type LayerContext,
  mlpHead,
  type Objective,
  type ObjectiveTraits,
  patchGrid,
  patchify,
  randomStream,
  sinCosPositions,
  type TokenEncoder,
  tf,
  transformer,
  variablesOf,
} from '@unlabel/core';
import { normalTensor } from './hostTensors';

/** What decides about encoder and views. */
export type FixtureTraits = Pick<ObjectiveTraits, 'encoder' | 'views'>;

/** A tiny encoder of the kind that the objective works with. */
export function encoderFor({ encoder = 'any' }: FixtureTraits): Encoder {
  return encoder === 'tokens' ? tokenEncoder : vectorEncoder;
}

/** Views of noise, two if the objective lets one choose, and two smaller ones for multi-crop; labels where it needs them. */
export function batchFor(objective: Objective, traits: FixtureTraits, batch: number): HostTensors {
  const { min, max = Number.POSITIVE_INFINITY } = objective.views;
  const globalViews = Math.min(max, Math.max(2, min));
  const localViews = traits.views === 'multi-crop' ? 2 : 0;
  const { inputShape } = encoderFor(traits);
  const local = inputShape.length === 1 ? [3] : [6, 6, 1];
  const views = Array.from({ length: globalViews + localViews }, (_, view) => {
    const shape = [batch, ...(view < globalViews ? inputShape : local)];
    return [`views/${view}`, normalTensor(`view ${view}`, shape)] as const;
  });
  const labels = Int32Array.from({ length: batch }, (_, index) => Math.floor(index / 2));
  return {
    ...Object.fromEntries(views),
    ...(objective.needs?.includes('labels') && { labels: { dtype: 'int32', shape: [batch], data: labels } }),
  };
}

/** What the objective draws for such a batch. */
export function drawsFor({ draws }: BoundObjective, batch: number): HostTensors {
  return draws?.draw(randomStream(['conformance', 'draws']), batch) ?? {};
}

/** The objective's schedules in the middle of a run of ten steps, two epochs. */
export function scalarsOf({ schedules = {} }: BoundObjective): HostTensors {
  const scalars = Object.entries(schedules).map(([name, schedule]) => [name, hostScalar(schedule(10, 5)(5))] as const);
  return Object.fromEntries(scalars);
}

/** The same samples from the last to the first; tensors that hold nothing per sample stay. */
export function reversed(tensors: HostTensors, batch: number): HostTensors {
  const entries = Object.entries(tensors).map(([name, tensor]) => [
    name,
    tensor.shape[0] === batch ? reverseRows(tensor, batch) : tensor,
  ]);
  return Object.fromEntries(entries);
}

function reverseRows(tensor: HostTensor, rows: number): HostTensor {
  const { data, shape } = tensor;
  const width = data.length / rows;
  const other = (at: number) => data[(rows - 1 - Math.floor(at / width)) * width + (at % width)] ?? 0;
  if (tensor.dtype === 'float32') return { dtype: 'float32', shape, data: tensor.data.map((_, at) => other(at)) };
  if (tensor.dtype === 'int32') return { dtype: 'int32', shape, data: tensor.data.map((_, at) => other(at)) };
  return { dtype: 'bool', shape, data: tensor.data.map((_, at) => other(at)) };
}

const network = mlpHead({ dims: [3, 10, 5], norm: 'none' });

/** Two dense layers over the mean of every three numbers, to 5: any multiple of three will do for a view. */
const vectorEncoder: Encoder = {
  name: 'tiny',
  inputShape: [6],
  outputDim: 5,
  variables: network.variables,
  apply: (input, context) => {
    const threes = tf.reshape(input, [input.shape[0] ?? 0, -1, 3]);
    return network.apply(tf.mean<tf.Tensor2D>(threes, 1), context);
  },
};

const tokenDim = 8;
const patches = dense<tf.Tensor3D>({ inputDim: 4, outputDim: tokenDim });
const trunk = transformer({ dim: tokenDim, depth: 1, heads: 2 });

/** One transformer block over 6 × 6 patches of two pixels a side. */
const tokenEncoder: TokenEncoder = {
  name: 'tiny-tokens',
  inputShape: [12, 12, 1],
  outputDim: tokenDim,
  grid: [6, 6],
  tokenDim,
  variables: { ...variablesOf({ patches }), ...trunk.variables },
  embed: (input, context) => patches.apply(patchify(images(input), 2), context.scope('patches')),
  positions: (_, grid = [6, 6]) => sinCosPositions(grid, tokenDim),
  encode: (tokens, context) => {
    const encoded = trunk.apply(tokens, context);
    return { tokens: encoded, features: tf.mean<tf.Tensor2D>(encoded, 1) };
  },
  tokens: (input, context) => encodeImages(input, context).tokens,
  withTokens: encodeImages,
  apply: (input, context) => encodeImages(input, context).features,
};

function encodeImages(input: tf.Tensor, context: LayerContext) {
  const { embed, positions, encode } = tokenEncoder;
  const [, height = 0, width = 0] = input.shape;
  return encode(tf.add(embed(input, context), positions(context, patchGrid([height, width], 2))), context);
}

function images(input: tf.Tensor): tf.Tensor4D {
  const [batch = 0, height = 0, width = 0, channels = 0] = input.shape;
  return tf.reshape(input, [batch, height, width, channels]);
}
