import {
  type HostTensor,
  type HostTensors,
  type ResidentState,
  sizeOf,
  specsOf,
  type TensorSpec,
  UnlabelError,
} from '@unlabel/core';
import type { Tensor } from 'onnxruntime-node';
import type { OnnxRuntime } from './onnxRuntime';

/** One state entry: a step reads `current` and writes `spare`, then the two change places. They never alias. */
interface Entry {
  current: Tensor;
  spare: Tensor | undefined;
}

/** State whose buffers compiled steps use in place. */
export interface OnnxState extends ResidentState {
  /** The buffer to read an entry from. */ current(name: string): Tensor;
  /** The buffer to write the entry's next value to. */ spare(name: string): Tensor;
  /** Makes the spare buffers of these entries current. */ advance(names: readonly string[]): void;
  /** Uses the state when everything that was asked of it before is done. */ inTurn<T>(
    use: () => Promise<T>,
  ): Promise<T>;
  /** Bytes held. */ bytes(): number;
}

const states = new WeakMap<ResidentState, OnnxState>();

/** The buffers behind a state. @throws UnlabelError `VARIABLE_MISSING` for states of other backends */
export function onnxStateOf(state: ResidentState): OnnxState {
  const found = states.get(state);
  if (found) return found;
  throw new UnlabelError('VARIABLE_MISSING', 'The state belongs to a session of another backend.', {
    fix: 'Create it with createState of the session that compiled the step.',
  });
}

/** Copies first values into buffers that stay. */
export function onnxState(runtime: OnnxRuntime, initial: HostTensors): OnnxState {
  const entries = new Map<string, Entry>(
    Object.entries(initial).map(([name, value]) => [
      name,
      { current: toOnnx(runtime, copied(value)), spare: undefined },
    ]),
  );
  const specs = specsOf(initial);
  const inTurn = takingTurns();
  const state: OnnxState = {
    specs,
    inTurn,
    current: (name) => entryOf(entries, name).current,
    spare: (name) => {
      const entry = entryOf(entries, name);
      entry.spare ??= toOnnx(runtime, copied(fromOnnx(name, entry.current)));
      return entry.spare;
    },
    advance: (names) => {
      for (const name of names) {
        const entry = entryOf(entries, name);
        if (entry.spare) [entry.current, entry.spare] = [entry.spare, entry.current];
      }
    },
    bytes: () =>
      [...entries.values()].reduce((sum, { current, spare }) => sum + byteLength(current) + byteLength(spare), 0),
    read: (names = [...entries.keys()]) =>
      inTurn(async () =>
        Object.fromEntries(names.map((name) => [name, copied(fromOnnx(name, entryOf(entries, name).current))])),
      ),
    write: (values) =>
      inTurn(async () => {
        for (const [name, value] of Object.entries(values)) {
          entryOf(entries, name);
          requireSpec(name, specs[name] ?? value, value);
        }
        for (const [name, value] of Object.entries(values))
          entryOf(entries, name).current = toOnnx(runtime, copied(value));
      }),
    dispose: () => entries.clear(),
  };
  states.set(state, state);
  return state;
}

/** Makes asynchronous work wait for the work before it, whether that succeeded or not. */
export function takingTurns(): <T>(use: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (use) => {
    const turn = last.then(use);
    last = turn.catch(() => undefined);
    return turn;
  };
}

/**
 * A host tensor as ONNX Runtime's, over the same memory where that is not shared between threads: it refuses such.
 * @throws UnlabelError `SHAPE_MISMATCH` for values that do not fill their shape
 */
export function toOnnx(runtime: OnnxRuntime, value: HostTensor): Tensor {
  if (value.data.length !== sizeOf(value.shape)) {
    const message = `A ${value.dtype} tensor has ${value.data.length} values, which do not fill [${value.shape}].`;
    throw new UnlabelError('SHAPE_MISMATCH', message, { fix: 'Give as many as the product of the shape.' });
  }
  const { dtype, shape, data } = value.data.buffer instanceof ArrayBuffer ? value : copied(value);
  if (dtype === 'bool') return new runtime.Tensor('bool', data, shape);
  return dtype === 'int32' ? new runtime.Tensor('int32', data, shape) : new runtime.Tensor('float32', data, shape);
}

/** The reverse of {@link toOnnx}. */
export function fromOnnx(name: string, tensor: Tensor): HostTensor {
  const { dims: shape, data, type } = tensor;
  if (type === 'float32' && data instanceof Float32Array) return { dtype: 'float32', shape, data };
  if (type === 'int32' && data instanceof Int32Array) return { dtype: 'int32', shape, data };
  if (type === 'bool' && data instanceof Uint8Array) return { dtype: 'bool', shape, data };
  throw new UnlabelError('SHAPE_MISMATCH', `${name} came back as ${type}.`);
}

/** The tensor over memory of its own. */
export function copied(value: HostTensor): HostTensor {
  if (value.dtype === 'float32') return { ...value, data: value.data.slice() };
  return value.dtype === 'int32' ? { ...value, data: value.data.slice() } : { ...value, data: value.data.slice() };
}

function byteLength(tensor: Tensor | undefined): number {
  return ArrayBuffer.isView(tensor?.data) ? tensor.data.byteLength : 0;
}

/** What is held under a name. @throws UnlabelError `VARIABLE_MISSING` */
export function entryOf<Held>(entries: ReadonlyMap<string, Held>, name: string): Held {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  throw new UnlabelError('VARIABLE_MISSING', `There is no state entry ${name}.`, {
    fix: `Known: ${[...entries.keys()].slice(0, 8).join(', ')}${entries.size > 8 ? ', …' : ''}.`,
  });
}

/** @throws UnlabelError `VARIABLE_MISSING`, `SHAPE_MISMATCH` */
export function requireSpec(name: string, wanted: TensorSpec, given: TensorSpec | undefined): void {
  if (!given) {
    throw new UnlabelError('VARIABLE_MISSING', `The step needs ${name}, and was run without it.`, {
      fix: 'Give it the inputs and the state of its signature, under the same names.',
    });
  }
  if (given.dtype === wanted.dtype && given.shape.join() === wanted.shape.join()) return;
  throw new UnlabelError(
    'SHAPE_MISMATCH',
    `${name} is ${given.dtype} [${given.shape}], not ${wanted.dtype} [${wanted.shape}].`,
    { fix: 'State keeps its shape. For inputs of several shapes, compile the step with compilePerSignature.' },
  );
}
