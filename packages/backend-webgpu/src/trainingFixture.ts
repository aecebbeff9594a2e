import {
  adamw,
  type BackendSession,
  type CompiledStep,
  constantSchedule,
  type Encoder,
  type HostTensors,
  hostScalar,
  initialise,
  type Objective,
  type Optimizer,
  type ResidentState,
  runSteps,
  sgd,
} from '@unlabel/core';
import { lejepa } from '@unlabel/jepa';
import { simclr } from '@unlabel/losses-contrastive';
import { byol } from '@unlabel/losses-noncontrastive';
import { resnet, vit } from '@unlabel/models';
import { normalTensor, repeatedBatch } from '@unlabel/testkit';

/** An encoder and what it learns by. */
export interface TrainingSetting {
  readonly encoder: Encoder;
  readonly objective: Objective;
  readonly batch: number;
  readonly views: number;
}

const inputShape = [8, 8, 2] as const;
const tinyVit = () => vit({ inputShape, patchSize: 4, dim: 12, depth: 1, heads: 2 });
const tinyResnet = () => resnet({ inputShape, stem: 'small-image', blocks: [1, 1], widths: [4, 6], strides: [1, 2] });

/** Small trainings of every kernel: contrastive, by slices, with a teacher; transformers and convolutions. */
export const trainings: Readonly<Record<string, () => TrainingSetting>> = {
  'SimCLR of a ViT': () => ({ encoder: tinyVit(), objective: simclr({ projector: [12, 8] }), batch: 6, views: 2 }),
  'LeJEPA of a ViT': () => ({
    encoder: tinyVit(),
    objective: lejepa({ projector: [12, 8], slices: 16 }),
    batch: 6,
    views: 2,
  }),
  'BYOL of a ResNet': () => ({
    encoder: tinyResnet(),
    objective: byol({ projector: [12, 8], predictor: [12, 8] }),
    batch: 6,
    views: 2,
  }),
};

/** A training step on a session, its state and its inputs. */
export interface Training {
  readonly step: CompiledStep;
  readonly state: ResidentState;
  readonly inputs: HostTensors;
}

/** Prepares training on views of noise. */
export async function startTraining(
  session: BackendSession,
  setting: TrainingSetting,
  optimizer: Optimizer = adamw(),
): Promise<Training> {
  const { encoder, objective, batch, views } = setting;
  const images = Object.fromEntries(
    Array.from(
      { length: views },
      (_, view) => [`views/${view}`, normalTensor(['training', view], [batch, ...encoder.inputShape])] as const,
    ),
  );
  const batches = repeatedBatch(images);
  const options = {
    batches,
    epochs: 1,
    encoder,
    objective,
    optimizer,
    learningRate: () => constantSchedule(1e-3),
  };
  const { update, signature, variables } = runSteps(options);
  const scalars = Object.entries(signature.inputs).map(
    ([name, spec]) =>
      [
        name,
        spec.shape.length === 0 ? hostScalar(scalarValues[name] ?? 0.5) : normalTensor(['training', name], spec.shape),
      ] as const,
  );
  return {
    step: await session.compile(update, signature),
    state: await session.createState(initialise(variables, 1)),
    inputs: { ...Object.fromEntries(scalars), ...images },
  };
}

/** Losses of a few steps under SGD, whose parameters are no noisier than the gradients, and the state after them. */
export async function train(session: BackendSession, setting: TrainingSetting, steps = 3) {
  const { step, state, inputs } = await startTraining(session, setting, sgd());
  const losses: number[] = [];
  for (let run = 0; run < steps; run++) {
    const { loss } = await step.run(state, { ...inputs, step: hostScalar(run) }, [1, 'step', run]);
    losses.push(loss?.data[0] ?? Number.NaN);
  }
  const after = await state.read();
  state.dispose();
  return { losses, after };
}

/** What steps are fed beside views; schedules of objectives stand at 0.5. */
const scalarValues: Readonly<Record<string, number>> = { learningRate: 1e-3, weightDecayScale: 1, step: 0 };

/** A training by its name. */
export function settingOf(name: string): TrainingSetting {
  const setting = trainings[name];
  if (!setting) throw new Error(`There is no training ${name}.`);
  return setting();
}

/** A tensor's numbers; none where there is no such tensor. */
export function valuesOf(tensors: HostTensors, name: string): readonly number[] {
  return Array.from(tensors[name]?.data ?? []);
}
