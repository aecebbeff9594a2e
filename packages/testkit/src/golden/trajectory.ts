import {
  batchNorm,
  dense,
  layerContext,
  lossAndGradients,
  type NamedTensors,
  type Optimizer,
  sequential,
  tf,
} from '@unlabel/core';
import type { GoldenCase, GoldenResult } from './goldenMapping';
import { optimizerStart, optimizerStep } from './optimizerSteps';

/** How a golden training run goes. */
export interface TrajectoryOptions {
  readonly optimizer: Optimizer;
  readonly learningRate: (step: number) => number;
  /** Whether both views pass the network as one batch, or one after the other. */ readonly jointViews: boolean;
  /** The loss of the projections of both views at a step. */
  readonly loss: (z0: tf.Tensor2D, z1: tf.Tensor2D, step: number) => tf.Scalar;
}

/**
 * Trains the network of the `traj_…` files, Linear(W1, b1) → batch norm(gamma, beta) → ReLU → Linear(W2), on the views
 * `view0` and `view1`, `[steps, batch, dim]`.
 * @returns `losses`, `lrs` and every parameter as `<name>_final`
 */
export function goldenTrajectory(golden: GoldenCase, options: TrajectoryOptions): Record<string, GoldenResult> {
  const { optimizer, learningRate, jointViews, loss } = options;
  const names = ['W1', 'b1', 'gamma', 'beta', 'W2'];
  let state = optimizerStart(optimizer, Object.fromEntries(names.map((name) => [name, golden.tensor(name)])));
  const [steps = 0, batch = 0, dim = 0] = golden.tensor('view0').shape;
  const view = (name: string, step: number): tf.Tensor2D =>
    tf.reshape(tf.slice(golden.tensor(name), [step, 0, 0], [1, batch, dim]), [batch, dim]);
  const losses: tf.Scalar[] = [];
  for (let step = 0; step < steps; step++) {
    const [x0, x1] = [view('view0', step), view('view1', step)];
    const lossOf = () => {
      if (!jointViews) return loss(project(state.parameters, x0), project(state.parameters, x1), step);
      const z = project(state.parameters, tf.concat2d([x0, x1], 0));
      return loss(tf.slice2d(z, [0, 0], [batch, -1]), tf.slice2d(z, [batch, 0], [batch, -1]), step);
    };
    const { loss: value, gradients } = lossAndGradients(() => ({ loss: lossOf(), extra: {} }), state.parameters);
    losses.push(value);
    state = optimizerStep(optimizer, state, gradients, { learningRate: learningRate(step), step });
  }
  const finals = Object.entries(state.parameters).map(([name, value]) => [`${name}_final`, value] as const);
  return { losses: tf.stack(losses), lrs: losses.map((_, step) => learningRate(step)), ...Object.fromEntries(finals) };
}

/** Weights stand as in PyTorch, `[out, in]`. */
function project({ W1, b1, gamma, beta, W2 }: NamedTensors, x: tf.Tensor2D): tf.Tensor2D {
  if (!W1 || !b1 || !gamma || !beta || !W2) throw new Error('A trajectory has W1, b1, gamma, beta and W2.');
  const [hidden = 1, inputDim = 1] = W1.shape;
  const outputDim = W2.shape[0] ?? 1;
  const network = sequential({
    first: dense({ inputDim, outputDim: hidden }),
    norm: batchNorm({ channels: hidden }),
    relu: (value) => tf.relu(value),
    last: dense({ inputDim: hidden, outputDim, bias: false }),
  });
  const values = {
    'first/kernel': tf.transpose(W1),
    'first/bias': b1,
    'norm/scale': gamma,
    'norm/offset': beta,
    'norm/runningMean': tf.zeros([hidden]),
    'norm/runningVariance': tf.ones([hidden]),
    'last/kernel': tf.transpose(W2),
  };
  const undrawn = (_: string, shape: readonly number[]) => tf.zeros([...shape]);
  const { context } = layerContext(values, { training: true, random: { normal: undrawn, uniform: undrawn } });
  return tf.reshape(network.apply(x, context), [-1, outputDim]);
}
