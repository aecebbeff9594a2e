import type { BackendSession, ResidentState } from '../backend';
import type { BatchSource } from '../batches';
import type { Encoder } from '../encoder';
import { UnlabelError } from '../errors';
import {
  type HostTensor,
  type HostTensors,
  hostScalar,
  hostTensor,
  sizeOf,
  specsOf,
  type TensorSpec,
} from '../hostTensor';
import type { BoundObjective } from '../objective';
import { randomStream } from '../random';
import type { Checkpoint } from './checkpoint';
import { type Plan, planRun, type RunOptions } from './run';
import { projectionStep } from './trainingStep';

/** What the loss would see of samples. */
export interface Projections {
  /** Row-major `[count, dim]`, not normalised. */ readonly features: Float32Array;
  readonly count: number;
  readonly dim: number;
}

/** Turns inputs into what an objective's loss sees of them as view 0, with frozen weights in evaluation mode. */
export interface Projector {
  /**
   * @param inputs `[count, ...inputShape]`, row-major, preprocessed as in training
   * @throws UnlabelError `SHAPE_MISMATCH`, `DATASET_EMPTY`
   */
  project(inputs: Float32Array, count: number): Promise<Projections>;
  dispose(): void;
}

/** What a projector is made around. */
export interface ProjectorParts {
  readonly objective: BoundObjective;
  readonly encoder: Encoder;
  readonly batches: Pick<BatchSource, 'batchSize' | 'specs'>;
  readonly schedules: Plan['schedules'];
}

/**
 * A projector with the state of a checkpoint.
 * @param options of the run that wrote it
 * @throws UnlabelError `INVALID_OPTION`, `BATCH_TOO_SMALL`, `SHAPE_MISMATCH`, `VARIABLE_MISSING`
 */
export async function createProjector(
  session: BackendSession,
  options: RunOptions,
  { state: values, step }: Pick<Checkpoint, 'state' | 'step'>,
): Promise<Projector> {
  const { objective, plan } = planRun(options);
  const own = Object.entries(values).filter(([name]) => name in objective.variables);
  const state = await session.createState(Object.fromEntries(own));
  const { encoder, batches } = options;
  const projector = await residentProjector(session, { objective, encoder, batches, ...plan }, state, () => step);
  return {
    project: projector.project,
    dispose: () => {
      projector.dispose();
      state.dispose();
    },
  };
}

/**
 * A projector on state that something else owns and changes. Samples pass in batches of the run's size, for which the
 * objective is made; the last is filled up with samples that have been. Whatever else the objective takes, local crops or
 * labels, is zeros: in evaluation mode, the projection of view 0 does not depend on it.
 * @param updates how many there have been
 */
export async function residentProjector(
  session: BackendSession,
  { objective, encoder, batches, schedules }: ProjectorParts,
  state: ResidentState,
  updates: () => number,
): Promise<Projector> {
  const { batchSize } = batches;
  const whole = [batchSize, ...encoder.inputShape];
  const first = batches.specs['views/0']?.shape ?? [];
  const fed = Object.entries(batches.specs).filter(([name, { shape }]) => isView(name) && `${shape}` === `${first}`);
  const still = Object.entries(batches.specs).filter(([name]) => !fed.some(([view]) => view === name));
  const drawn = objective.draws?.draw(randomStream(['project']), batchSize) ?? {};
  const scalars = () =>
    Object.entries(schedules).map(([name, schedule]) => [name, hostScalar(schedule(updates()))] as const);
  const others: HostTensors = { ...Object.fromEntries(still.map(([name, spec]) => [name, zerosOf(spec)])), ...drawn };
  const inputsOf = (batch: Float32Array): HostTensors => ({
    ...Object.fromEntries(fed.map(([name]) => [name, hostTensor(batch, whole)])),
    ...others,
    ...Object.fromEntries(scalars()),
  });
  const variables = Object.entries(state.specs).filter(([name]) => name in objective.variables);
  const compiled = await session.compile(projectionStep(objective), {
    inputs: specsOf(inputsOf(new Float32Array(sizeOf(whole)))),
    state: Object.fromEntries(variables),
  });
  const size = sizeOf(encoder.inputShape);
  return {
    project: async (inputs, count) => {
      requireInputs(inputs, count, encoder);
      const parts: HostTensor[] = [];
      for (let start = 0; start < count; start += batchSize) {
        const batch = new Float32Array(sizeOf(whole));
        for (let row = 0; row < batchSize; row++) {
          const sample = (start + row) % count;
          batch.set(inputs.subarray(sample * size, (sample + 1) * size), row * size);
        }
        const { projection } = await compiled.run(state, inputsOf(batch), ['project']);
        parts.push(projection);
      }
      return joined(parts, count);
    },
    dispose: () => compiled.dispose(),
  };
}

function isView(name: string): boolean {
  return name.startsWith('views/');
}

/** The first `count` rows. */
function joined(parts: readonly HostTensor[], count: number): Projections {
  const dim = parts[0]?.shape[1] ?? 0;
  const features = new Float32Array(count * dim);
  let at = 0;
  for (const { data } of parts) {
    const values = Float32Array.from(data).subarray(0, features.length - at);
    features.set(values, at);
    at += values.length;
  }
  return { features, count, dim };
}

function zerosOf({ shape, dtype }: TensorSpec): HostTensor {
  const length = sizeOf(shape);
  if (dtype === 'float32') return { dtype, shape, data: new Float32Array(length) };
  return dtype === 'int32'
    ? { dtype, shape, data: new Int32Array(length) }
    : { dtype, shape, data: new Uint8Array(length) };
}

function requireInputs(inputs: Float32Array, count: number, { inputShape }: Encoder): void {
  if (!(count >= 1)) {
    throw new UnlabelError('DATASET_EMPTY', `${count} inputs are to be projected.`, { fix: 'Give one or more.' });
  }
  if (inputs.length === count * sizeOf(inputShape)) return;
  throw new UnlabelError('SHAPE_MISMATCH', `${inputs.length} values are not ${count} inputs of [${inputShape}].`, {
    fix: 'Give images of the size that the encoder was built for.',
  });
}
