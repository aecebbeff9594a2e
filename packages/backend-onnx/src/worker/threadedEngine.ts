import {
  type CompiledStep,
  type HostTensor,
  type HostTensors,
  type ResidentState,
  specsOf,
  UnlabelError,
} from '@unlabel/core';
import type { Engine } from '../runtime/engine';
import type { RuntimeSettings } from '../runtime/host';
import type { StepProgram } from '../runtime/stepProgram';
import { type EngineThread, startEngineThread } from './engineThread';

/**
 * An engine in a thread of its own: this one stays free while steps run. Programs and first values go there once; then
 * only batches do, copied when they are given, and only outputs come back.
 * @throws UnlabelError as `startEngine` does; `WORKER_FAILED` when the thread does not start
 */
export async function openThreadedEngine(settings: RuntimeSettings): Promise<Engine> {
  const thread = startEngineThread();
  let imageBlock = 1;
  try {
    imageBlock = (await thread.call({ kind: 'open', settings })).imageBlock ?? 1;
  } catch (error) {
    await thread.stop();
    throw UnlabelError.is(error, 'WORKER_FAILED') ? notStarted(error.cause) : error;
  }
  const states = new WeakMap<ResidentState, number>();
  let created = 0;
  let prepared = 0;
  return {
    imageBlock,
    createState: async (initial) => {
      const number = created++;
      const copies = copiesOf(initial);
      await thread.call({ kind: 'createState', state: number, initial: copies }, buffersOf(copies));
      const state = threadedState(thread, number, initial);
      states.set(state, number);
      return state;
    },
    prepare: async <Outputs extends string>(program: StepProgram<Outputs>) => {
      const step = prepared++;
      await thread.call({ kind: 'prepare', step, program });
      return threadedStep<Outputs>(thread, step, states);
    },
    bytes: thread.bytes,
    dispose: thread.stop,
  };
}

function threadedStep<Outputs extends string>(
  thread: EngineThread,
  step: number,
  states: WeakMap<ResidentState, number>,
): CompiledStep<Outputs> {
  const spares: HostTensors[] = []; // new memory costs several times what copying a batch does
  return {
    run: async (resident, given, key) => {
      const state = states.get(resident);
      if (state === undefined) throw foreignState();
      const inputs = copiesOf(given, spares.pop());
      const { tensors, spent } = await thread.call({ kind: 'run', step, state, inputs, key }, buffersOf(inputs));
      if (spent) spares.push(spent);
      return tensors as Record<Outputs, HostTensor>; // the outputs of its program
    },
    dispose: () => void thread.call({ kind: 'disposeStep', step }).catch(() => undefined), // ended threads hold none
  };
}

function threadedState(thread: EngineThread, state: number, initial: HostTensors): ResidentState {
  const specs = specsOf(initial);
  return {
    specs,
    read: async (names) => (await thread.call({ kind: 'read', state, names })).tensors ?? {},
    write: async (values) => {
      const copies = copiesOf(values);
      await thread.call({ kind: 'write', state, values: copies }, buffersOf(copies));
    },
    dispose: () => void thread.call({ kind: 'disposeState', state }).catch(() => undefined),
  };
}

/** Copies that may move to the thread: the originals stay with the caller, whose next batch may overwrite them. */
function copiesOf(tensors: HostTensors, spare: HostTensors = {}): HostTensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, copyOf(tensor, spare[name])] as const),
  );
}

/** A copy, in the memory of `spare` where that has its size and type. */
function copyOf(tensor: HostTensor, spare: HostTensor | undefined): HostTensor {
  const { shape } = tensor;
  if (spare?.dtype === tensor.dtype && spare.data.length === tensor.data.length) {
    spare.data.set(tensor.data);
    return { ...spare, shape };
  }
  if (tensor.dtype === 'float32') return { dtype: 'float32', shape, data: tensor.data.slice() };
  if (tensor.dtype === 'int32') return { dtype: 'int32', shape, data: tensor.data.slice() };
  return { dtype: 'bool', shape, data: tensor.data.slice() };
}

function buffersOf(tensors: HostTensors): readonly ArrayBuffer[] {
  return Object.values(tensors).flatMap(({ data: { buffer } }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
}

function foreignState(): UnlabelError {
  return new UnlabelError('VARIABLE_MISSING', 'The state belongs to another session.', {
    fix: 'Create it with createState of the session that compiled the step.',
  });
}

function notStarted(cause: unknown): UnlabelError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UnlabelError('WORKER_FAILED', `The thread that runs steps did not start: ${reason}.`, {
    fix: "Bundlers leave its file, engineWorker.js, behind: keep @unlabel/backend-onnx out of the bundle, or use `thread: 'main'`.",
    cause,
  });
}
