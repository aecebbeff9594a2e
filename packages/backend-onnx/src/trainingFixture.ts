import {
  type Backend,
  type Encoder,
  type HostTensors,
  hostTensor,
  initialise,
  layerContext,
  lossAndGradients,
  type NamedTensors,
  type Objective,
  type ResidentState,
  randomStream,
  type Step,
  sgd,
  sizeOf,
  tf,
} from '@unlabel/core';
import { simclr } from '@unlabel/losses-contrastive';
import { mlp, resnet, vit } from '@unlabel/models';

const inputShape = [8, 8, 2] as const;
const batch = 6;

/** Encoders of every family, small enough for the plainest backend. */
const encoders: Readonly<Record<string, Encoder>> = {
  mlp: mlp({ inputShape, hidden: [12], outputDim: 6 }),
  resnet: resnet({ inputShape, stem: 'small-image', blocks: [1, 1], widths: [4, 6], strides: [1, 2] }),
  vit: vit({ inputShape, patchSize: 4, dim: 8, depth: 1, heads: 2 }),
};

/** The encoders that {@link train} knows. */
export const encoderNames: readonly string[] = Object.keys(encoders);

/** What a few steps came to, as plain numbers. */
export interface Trained {
  readonly losses: readonly number[];
  /** Parameters, momenta and running statistics after the last step. */ readonly state: Readonly<
    Record<string, readonly number[]>
  >;
}

/**
 * A few steps of SimCLR under SGD, whose parameters are no noisier than the gradients.
 * @param watch is shown the state after the last step
 */
export async function train(
  backend: Backend,
  encoderName: string,
  watch: (state: ResidentState) => void = () => undefined,
): Promise<Trained> {
  const encoder = encoders[encoderName];
  if (!encoder) throw new Error(`There is no encoder ${encoderName}.`);
  const { step, state } = descent(simclr({ projector: [12, 8] }), encoder);
  const session = await backend.open();
  const resident = await session.createState(state);
  const inputs = { view0: images(0), view1: images(1) };
  const compiled = await session.compile(step, { state: resident.specs, inputs });
  const losses: number[] = [];
  for (let run = 0; run < 4; run++) {
    const { loss } = await compiled.run(resident, inputs, [1, 'step', run]);
    losses.push(loss?.data[0] ?? Number.NaN);
  }
  watch(resident);
  const after = await resident.read();
  await session.dispose();
  return { losses, state: Object.fromEntries(Object.entries(after).map(([name, { data }]) => [name, [...data]])) };
}

/**
 * Names of what differs by more than `tolerance` of its largest magnitude, or of 0.01 for tensors that are nothing but
 * rounding, such as the gradient of a bias before batch norm.
 */
export function differences(expected: Trained, actual: Trained, tolerance: number): readonly string[] {
  const tensors = { ...expected.state, losses: expected.losses };
  return Object.entries(tensors).flatMap(([name, values]) => {
    const others = name === 'losses' ? actual.losses : (actual.state[name] ?? []);
    const largest = Math.max(1e-2, ...values.map(Math.abs));
    const apart = Math.max(...values.map((value, index) => Math.abs(value - (others[index] ?? Number.NaN)))) / largest;
    return apart <= tolerance ? [] : [`${name}: ${apart}`];
  });
}

function descent(objective: Objective, encoder: Encoder): { readonly step: Step; readonly state: HostTensors } {
  const bound = objective.bind(encoder);
  const parameters = Object.fromEntries(Object.entries(bound.variables).filter(([, { trainable }]) => trainable));
  const optimizer = sgd();
  const slots = optimizer.slots(parameters);
  const step: Step = ({ state, inputs, random }) => {
    const { context, updates } = layerContext(only(state, bound.variables), { training: true, random });
    const views = Object.values(inputs);
    const { loss, extra, gradients } = lossAndGradients(
      () => ({ loss: bound.loss({ views, tensors: {}, scalars: {} }, context).loss, extra: updates }),
      only(state, parameters),
    );
    const rates = { learningRate: tf.scalar(0.05), weightDecayScale: tf.scalar(1), step: tf.scalar(0) };
    const old = { parameters: only(state, parameters), slots: only(state, slots) };
    const next = optimizer.update({ ...old, gradients, ...rates });
    return { outputs: { loss }, state: { ...extra, ...next.parameters, ...next.slots } };
  };
  return { step, state: initialise({ ...bound.variables, ...slots }, 1) };
}

function only(tensors: NamedTensors, names: object): NamedTensors {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => name in names));
}

function images(view: number) {
  const stream = randomStream([view, 'trainingFixture']);
  const shape = [batch, ...inputShape];
  return hostTensor(Float32Array.from({ length: sizeOf(shape) }, stream.normal), shape);
}
