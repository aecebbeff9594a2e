import {
  type Backend,
  constantSchedule,
  type Encoder,
  type HostTensors,
  hostScalar,
  initialise,
  type Objective,
  type Optimizer,
  type ResidentState,
  type RunSteps,
  runSteps,
  sgd,
} from '@unlabel/core';
import { simclr } from '@unlabel/losses-contrastive';
import { mlp, resnet, vit } from '@unlabel/models';
import { normalTensor, repeatedBatch } from '@unlabel/testkit';

const inputShape = [8, 8, 2] as const;
const batch = 6;

/** Encoders of every family, small enough for the plainest backend. */
const encoders: Readonly<Record<string, Encoder>> = {
  mlp: mlp({ inputShape, hidden: [12], outputDim: 6 }),
  resnet: resnet({ inputShape, stem: 'small-image', blocks: [1, 1], widths: [4, 6], strides: [1, 2] }),
  vit: vit({ inputShape, patchSize: 4, dim: 8, depth: 1, heads: 2 }),
};

/** Their names. */
export const encoderNames: readonly string[] = Object.keys(encoders);

/** What a training step is made of, beside its encoder. */
export interface TrainingSetting {
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  /** As of `pretrain`. */ readonly accumulate?: number;
}

/** The steps of a run around a small encoder, first values, and one batch. */
export interface TrainingCase extends RunSteps {
  readonly state: HostTensors;
  readonly inputs: HostTensors;
}

/** Prepares training with two views of noise. */
export function trainingCase(encoderName: string, setting: TrainingSetting): TrainingCase {
  const encoder = encoders[encoderName];
  if (!encoder) throw new Error(`There is no encoder ${encoderName}.`);
  const noise = (view: number) => normalTensor([view, 'trainingFixture'], [batch, ...inputShape]);
  const views = { 'views/0': noise(0), 'views/1': noise(1) };
  const batches = repeatedBatch(views, 2);
  const options = { batches, epochs: 1, encoder, learningRate: () => constantSchedule(0.05) };
  const steps = runSteps({ ...options, ...setting });
  const scalars = Object.keys(steps.signature.inputs).map((name) => [name, hostScalar(scalarValues[name] ?? 0.5)]);
  const inputs = { ...Object.fromEntries(scalars), ...views };
  return { ...steps, state: initialise(steps.variables, 1), inputs };
}

/** What steps are fed beside the views; schedules of objectives stand at 0.5. */
const scalarValues: Readonly<Record<string, number>> = { learningRate: 0.05, weightDecayScale: 1, step: 0 };

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
  const objective = simclr({ projector: [12, 8] });
  const { update, signature, state, inputs } = trainingCase(encoderName, { objective, optimizer: sgd() });
  const session = await backend.open();
  const resident = await session.createState(state);
  const compiled = await session.compile(update, signature);
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
