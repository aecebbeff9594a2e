import {
  batchNorm,
  dense,
  emaUpdate,
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
  /** How much a target keeps of itself when it follows the network, before each step (default 0: it is the network). */
  readonly targetMomentum?: (step: number) => number;
  /** The loss of the projections of both views, or of what the file's predictor makes of them, and of the target's. */
  readonly loss: (z0: tf.Tensor2D, z1: tf.Tensor2D, step: number, targets: TrajectoryTargets) => tf.Scalar;
}

/** Projections of both views by the target, without gradient. */
export interface TrajectoryTargets {
  readonly t0: tf.Tensor2D;
  readonly t1: tf.Tensor2D;
}

/**
 * Trains the network of the `traj_…` files, Linear(W1, b1) → batch norm(gamma, beta) → ReLU → Linear(W2), on the views
 * `view0` and `view1`, `[steps, batch, dim]`. A predictor of the same kind follows where the file has `P_W1`, ….
 * @returns `losses`, `lrs`, `momenta`, every parameter as `<name>_final`, and the target's as `<name>_target_final`
 */
export function goldenTrajectory(golden: GoldenCase, options: TrajectoryOptions): Record<string, GoldenResult> {
  const { optimizer, learningRate, jointViews, targetMomentum = () => 0, loss } = options;
  const names = [...network, ...network.map((name) => `P_${name}`).filter(golden.has)];
  let state = optimizerStart(optimizer, Object.fromEntries(names.map((name) => [name, golden.tensor(name)])));
  let target = pick(state.parameters, network);
  const [steps = 0, batch = 0, dim = 0] = golden.tensor('view0').shape;
  const view = (name: string, step: number): tf.Tensor2D =>
    tf.reshape(tf.slice(golden.tensor(name), [step, 0, 0], [1, batch, dim]), [batch, dim]);
  const losses: tf.Scalar[] = [];
  for (let step = 0; step < steps; step++) {
    target = emaUpdate(target, state.parameters, targetMomentum(step));
    const views = [view('view0', step), view('view1', step)] as const;
    const [t0, t1] = forward((x) => project(target, x), views, jointViews);
    const lossOf = () => {
      const [z0, z1] = forward((x) => predict(state.parameters, project(state.parameters, x)), views, jointViews);
      return loss(z0, z1, step, { t0, t1 });
    };
    const { loss: value, gradients } = lossAndGradients(() => ({ loss: lossOf(), extra: {} }), state.parameters);
    losses.push(value);
    state = optimizerStep(optimizer, state, gradients, { learningRate: learningRate(step), step });
  }
  return {
    losses: tf.stack(losses),
    lrs: losses.map((_, step) => learningRate(step)),
    momenta: losses.map((_, step) => targetMomentum(step)),
    ...renamed(state.parameters, (name) => `${name}_final`),
    ...renamed(target, (name) => `${name}_target_final`),
  };
}

/** Parameters of the network; its predictor's begin with `P_`. */
const network = ['W1', 'b1', 'gamma', 'beta', 'W2'];

/** What `apply` makes of both views, as one batch or one after the other. */
function forward(
  apply: (x: tf.Tensor2D) => tf.Tensor2D,
  [x0, x1]: readonly [tf.Tensor2D, tf.Tensor2D],
  jointly: boolean,
): readonly [tf.Tensor2D, tf.Tensor2D] {
  if (!jointly) return [apply(x0), apply(x1)];
  const z = apply(tf.concat2d([x0, x1], 0));
  const batch = x0.shape[0];
  return [tf.slice2d(z, [0, 0], [batch, -1]), tf.slice2d(z, [batch, 0], [batch, -1])];
}

/** z itself where there is no predictor. */
function predict(parameters: NamedTensors, z: tf.Tensor2D): tf.Tensor2D {
  if (!parameters.P_W1) return z;
  const own = pick(parameters, network.map((name) => `P_${name}`));
  return project(renamed(own, (name) => name.slice(2)), z);
}

function pick(tensors: NamedTensors, names: readonly string[]): NamedTensors {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => names.includes(name)));
}

function renamed(tensors: NamedTensors, rename: (name: string) => string): NamedTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));
}

/** Weights stand as in PyTorch, `[out, in]`. */
function project({ W1, b1, gamma, beta, W2 }: NamedTensors, x: tf.Tensor2D): tf.Tensor2D {
  if (!W1 || !b1 || !gamma || !beta || !W2) throw new Error('A trajectory has W1, b1, gamma, beta and W2.');
  const [hidden = 1, inputDim = 1] = W1.shape;
  const outputDim = W2.shape[0] ?? 1;
  const layers = sequential({
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
  return tf.reshape(layers.apply(x, context), [-1, outputDim]);
}
