import { UnlabelError } from '../errors';
import { type HostTensor, type HostTensors, hostScalar } from '../hostTensor';
import { randomStream } from '../random';
import type { TrainingEvent } from './callback';
import {
  type CheckpointFacts,
  keepCheckpoint,
  listCheckpoints,
  loadKeptCheckpoint,
  saveCheckpoint,
} from './checkpoint';
import { openJournal } from './journal';
import { openLens } from './lens';
import { openRun, type PretrainOptions, type Run } from './run';
import type { RunStore } from './runStore';

type StepEvent = Extract<TrainingEvent, { type: 'step' }>;

/**
 * Pretrains an encoder without labels and yields what happens. Callbacks see each event before the consumer does.
 * The same options give the same run bit for bit on the same backend, whether or not it was interrupted and resumed.
 * @throws UnlabelError `INVALID_OPTION`, `BATCH_TOO_SMALL`, `SHAPE_MISMATCH`, `NON_FINITE_LOSS`, `RESUME_MISMATCH`,
 * `RUN_FOLDER_INVALID`, `CHECKPOINT_NOT_FOUND`, `CHECKPOINT_CORRUPT`, `CHECKPOINT_WRITE_FAILED`, and what the loader and backend throw
 */
export async function* pretrain(options: PretrainOptions): AsyncGenerator<TrainingEvent, void> {
  const { batches, encoder, session, store, signal, epochs, callbacks = [] } = options;
  const started = performance.now();
  const run = await openRun(options);
  const { firstStep, totalSteps, stepsPerEpoch } = run.plan;
  let step = firstStep;
  const lens = openLens(options, run, () => step);
  const keep = async (name: string, facts: CheckpointFacts) => {
    const state = await run.state.read();
    await requireFiniteState(options, state, step);
    await keepCheckpoint(requireStore(store), name, { step, identity: run.identity, state, facts });
  };
  const kept = (name: string) => factsOf(requireStore(store), name);
  const handle = { encoder, embed: lens.embed, project: lens.project, readState: run.state.read, keep, kept };
  let savedAt = options.resume ? firstStep : -1;
  try {
    const journal = await openJournal(callbacks, handle, store && { store, resumedFrom: firstStep });
    const save = async function* (): AsyncGenerator<TrainingEvent, void> {
      if (!store || savedAt === step) return;
      const state = await run.state.read();
      await requireFiniteState(options, state, step);
      const path = await saveCheckpoint(store, { step, identity: run.identity, state });
      savedAt = step;
      yield* journal.publish({ type: 'checkpoint', step, path });
    };
    yield* journal.publish({ type: 'start', totalSteps, epochs, resumedFrom: firstStep, backend: session.backend });
    for (const message of run.passedOver) {
      yield* journal.publish({ type: 'warning', step, source: 'checkpoint', message });
    }
    while (step < totalSteps && !signal?.aborted) {
      const seen = { loss: 0, samples: 0 };
      for await (const { event, samples } of epochUpdates(options, run, step)) {
        step = event.step;
        seen.loss += event.loss * samples;
        seen.samples += samples;
        yield* journal.publish(event);
        if (step % (options.checkpointEvery ?? stepsPerEpoch) === 0) yield* save();
        if (signal?.aborted) break;
      }
      if (seen.samples > 0 && step % stepsPerEpoch === 0) {
        const meanLoss = seen.loss / seen.samples;
        yield* journal.publish({ type: 'epoch', epoch: step / stepsPerEpoch - 1, step, meanLoss });
      }
    }
    yield* save();
    yield* journal.publish({
      type: 'end',
      step,
      aborted: step < totalSteps,
      seconds: (performance.now() - started) / 1000,
      waitedSeconds: batches.waitedSeconds,
      callbackSeconds: journal.callbackSeconds,
      weights: await run.weights(),
      unreadable: batches.unreadable,
    });
  } finally {
    lens.dispose();
    run.dispose();
  }
}

/** @throws UnlabelError `INVALID_OPTION` */
function requireStore(store: RunStore | undefined): RunStore {
  if (store) return store;
  throw new UnlabelError('INVALID_OPTION', 'A callback keeps checkpoints, but the run has no store.', {
    fix: 'Give pretrain a store, such as folderStore(…), or leave that callback out.',
  });
}

/** What a kept checkpoint says of itself; one that is missing or damaged says nothing. */
async function factsOf(store: RunStore, name: string): Promise<CheckpointFacts | undefined> {
  try {
    return (await loadKeptCheckpoint(store, name)).facts ?? {};
  } catch (error) {
    if (UnlabelError.is(error, 'CHECKPOINT_NOT_FOUND') || UnlabelError.is(error, 'CHECKPOINT_CORRUPT'))
      return undefined;
    throw error;
  }
}

/** An update and how many samples its loss is the mean of. */
interface Update {
  readonly event: StepEvent;
  readonly samples: number;
}

/** Makes the updates that remain of the epoch that follows `step` updates. */
async function* epochUpdates(options: PretrainOptions, run: Run, step: number): AsyncGenerator<Update, void> {
  const { plan, state, update, accumulate } = run;
  const { stepsPerEpoch, batchesPerStep } = plan;
  const { batches, seed = 0 } = options;
  const epoch = Math.floor(step / stepsPerEpoch);
  const done = step % stepsPerEpoch;
  let seen = done * batchesPerStep;
  let since = performance.now();
  let samples = 0;
  for await (const batch of batches.epoch(epoch, seen)) {
    const made = Math.floor(seen / batchesPerStep) + epoch * stepsPerEpoch;
    seen++;
    samples += batch.indices.length;
    const scalars = Object.entries(plan.schedules).map(
      ([name, schedule]) => [name, hostScalar(schedule(made))] as const,
    );
    const drawn = run.objective.draws?.draw(randomStream([seed, 'objective', epoch, seen]), batch.indices.length);
    const inputs = { ...batch.inputs, ...drawn, ...Object.fromEntries(scalars) };
    const completes = seen % batchesPerStep === 0;
    const key = [seed, 'batch', epoch, seen];
    const outputs = await (completes ? update : (accumulate ?? update)).run(state, inputs, key, batch.onDevice);
    await requireFinite(options, outputs, made + 1);
    if (!completes) continue;
    const seconds = (performance.now() - since) / 1000;
    const event = stepEvent(run, outputs, { step: made + 1, epoch, samplesPerSecond: samples / seconds });
    yield { event, samples: batch.indices.length };
    since = performance.now();
    samples = 0;
    if (made + 1 === (epoch + 1) * stepsPerEpoch) return;
  }
  throw new UnlabelError('DATASET_EMPTY', `The loader ended epoch ${epoch} early, after ${seen} batches.`, {
    fix: 'Check that the data has not changed since the run began.',
  });
}

function stepEvent(
  run: Run,
  outputs: Readonly<Record<string, HostTensor>>,
  when: Pick<StepEvent, 'step' | 'epoch' | 'samplesPerSecond'>,
): StepEvent {
  const value = (name: string) => outputs[name]?.data[0] ?? Number.NaN;
  const terms = Object.keys(outputs)
    .filter((name) => name.startsWith('terms/'))
    .map((name) => [name.slice('terms/'.length), value(name)] as const);
  const scalars = Object.entries(run.plan.schedules)
    .filter(([name]) => name !== 'step')
    .map(([name, schedule]) => [name, schedule(when.step - 1)] as const);
  return {
    type: 'step',
    ...when,
    loss: value('loss'),
    terms: Object.fromEntries(terms),
    scalars: { ...Object.fromEntries(scalars), gradientNorm: value('gradientNorm') },
    projectionStd: value('projectionStd'),
  };
}

/** @throws UnlabelError `NON_FINITE_LOSS` with the step, the term and the last checkpoint */
async function requireFinite(
  options: PretrainOptions,
  outputs: Readonly<Record<string, HostTensor>>,
  step: number,
): Promise<void> {
  const bad = Object.entries(outputs).find(([, { data }]) => !Number.isFinite(data[0]));
  if (!bad) return;
  const [name, { data }] = bad;
  throw await notFinite(options, `At step ${step}, ${name} is ${data[0]}.`);
}

/** Keeps what no run could continue from out of the checkpoints. @throws UnlabelError `NON_FINITE_LOSS` */
async function requireFiniteState(options: PretrainOptions, state: HostTensors, step: number): Promise<void> {
  for (const [name, { data }] of Object.entries(state)) {
    const bad = data.find((value: number) => !Number.isFinite(value));
    if (bad === undefined) continue;
    throw await notFinite(options, `After step ${step}, ${name} holds ${bad}, which was not saved.`);
  }
}

async function notFinite({ store, objective }: PretrainOptions, message: string): Promise<UnlabelError> {
  const last = store ? (await listCheckpoints(store)).at(-1) : undefined;
  return new UnlabelError('NON_FINITE_LOSS', message, {
    fix: [
      ...(objective.ifNotFinite ? [objective.ifNotFinite] : []),
      'Lower the learning rate, clip gradients or check the data.',
      ...(last ? [`The last good checkpoint is ${last}.`] : []),
    ].join(' '),
  });
}
