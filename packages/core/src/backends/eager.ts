import type {
  BackendSession,
  CompiledStep,
  NamedTensors,
  ResidentState,
  Step,
  StepRandom,
  StepSignature,
} from '../backend';
import { UnlabelError } from '../errors';
import { type HostTensor, type HostTensors, sizeOf, specsOf } from '../hostTensor';
import { type RandomKey, randomStream } from '../random';
import { tf } from '../tf';
import { repairEinsum } from './eagerEinsum';

/**
 * A session that runs steps op by op on a registered tfjs backend, which it makes the active one.
 * @param backend the Unlabel name, for messages
 * @param eager the tfjs backend name
 */
export async function openEagerSession(backend: string, eager: string): Promise<BackendSession> {
  if (!(await tf.setBackend(eager))) {
    throw new UnlabelError('BACKEND_UNAVAILABLE', `The tfjs backend '${eager}' could not be set up.`, {
      fix: 'Run `unlabel doctor` to see why.',
    });
  }
  await tf.ready();
  repairEinsum(eager);
  return {
    backend,
    eager,
    createState: async (initial) => eagerState(initial),
    compile: async (step, signature) => compileEagerly(backend, step, signature),
    memory: () => ({ bytes: tf.memory().numBytes, tensors: tf.memory().numTensors }),
    dispose: async () => undefined,
  };
}

/** The draws of one run of a step: what every backend must produce for a key, a name and a shape. */
export function drawStepRandom(
  kind: 'normal' | 'uniform',
  key: RandomKey,
  name: string,
  shape: readonly number[],
): Float32Array {
  const stream = randomStream([...key, name]);
  const uniform = () => stream.integer(0x1_00_0000) / 0x1_00_0000; // 24 bits, so that float32 never rounds up to 1
  const draw = kind === 'normal' ? stream.normal : uniform;
  return Float32Array.from({ length: sizeOf(shape) }, draw);
}

/** Copies host values into a tensor of the active tfjs backend. */
export function toTensor(value: HostTensor): tf.Tensor {
  return tf.tensor(value.data.slice(), [...value.shape], value.dtype);
}

/** Copies a tensor's values out. @throws UnlabelError `SHAPE_MISMATCH` for string and complex tensors */
export async function toHost(tensor: tf.Tensor): Promise<HostTensor> {
  const { shape, dtype } = tensor;
  const data = await tensor.data(); // in an array of another type after some casts
  if (dtype === 'float32') return { dtype, shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
  if (dtype === 'int32') return { dtype, shape, data: data instanceof Int32Array ? data : Int32Array.from(data) };
  if (dtype === 'bool') return { dtype, shape, data: data instanceof Uint8Array ? data : Uint8Array.from(data) };
  throw new UnlabelError('SHAPE_MISMATCH', `A ${tensor.dtype} tensor cannot leave a step.`, {
    fix: 'Cast it to float32, int32 or bool.',
  });
}

/** Eager state also shows its tensors to the steps compiled beside it. */
interface EagerState extends ResidentState {
  readonly tensors: Map<string, tf.Tensor>;
}

const eagerStates = new WeakMap<ResidentState, EagerState>();

function eagerState(initial: HostTensors): ResidentState {
  const tensors = new Map(Object.entries(initial).map(([name, value]) => [name, tf.keep(toTensor(value))]));
  const specs = specsOf(initial);
  const state: EagerState = {
    tensors,
    specs,
    read: async (names = [...tensors.keys()]) =>
      Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await toHost(entry(tensors, name))] as const)),
      ),
    write: async (values) => {
      for (const [name, value] of Object.entries(values)) {
        requireSpec(name, entry(tensors, name), value.shape, value.dtype);
      }
      for (const [name, value] of Object.entries(values)) replace(tensors, name, toTensor(value));
    },
    dispose: () => {
      for (const tensor of tensors.values()) tensor.dispose();
      tensors.clear();
    },
  };
  eagerStates.set(state, state);
  return state;
}

function compileEagerly<Outputs extends string>(
  backend: string,
  step: Step<Outputs>,
  signature: StepSignature,
): CompiledStep<Outputs> {
  return {
    run: async (resident, inputs, key, onDevice) => {
      const tensors = eagerStates.get(resident)?.tensors;
      if (!tensors) {
        throw new UnlabelError('VARIABLE_MISSING', 'The state belongs to a session of another backend.', {
          fix: 'Create it with createState of the session that compiled the step.',
        });
      }
      const result = tf.tidy(() => {
        const sent = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, toTensor(value)]));
        const bound = { ...sent, ...onDevice?.make() };
        for (const [name, spec] of Object.entries(signature.inputs)) {
          requireSpec(name, entry(new Map(Object.entries(bound)), name), spec.shape, spec.dtype);
        }
        const state = Object.fromEntries(Object.keys(signature.state).map((name) => [name, entry(tensors, name)]));
        const args = { state, inputs: bound, random: eagerRandom(key) };
        const { outputs, state: next = {} } = namingKernels(backend, () => step(args));
        for (const [name, tensor] of Object.entries(next)) {
          requireSpec(name, entry(tensors, name), tensor.shape, tensor.dtype);
        }
        // Clones: a step may return an input or a state entry unchanged, which must outlive or follow its original.
        return { outputs: clones(outputs), next: clones(next) };
      });
      for (const [name, tensor] of Object.entries(result.next)) replace(tensors, name, tensor);
      const read = await Promise.all(
        Object.entries<tf.Tensor>(result.outputs).map(async ([name, tensor]) => {
          const value = await toHost(tensor);
          tensor.dispose();
          return [name, value] as const;
        }),
      );
      return Object.fromEntries(read) as Record<Outputs, HostTensor>; // the step names its outputs
    },
    dispose: () => undefined,
  };
}

/** Runs `act`, and says which op is missing when the tfjs backend lacks one. */
function namingKernels<T>(backend: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const [, kernel] = /Kernel '(\w+)' not registered/.exec(String(error)) ?? [];
    if (kernel === undefined) throw error;
    throw new UnlabelError('BACKEND_UNAVAILABLE', `The ${backend} backend has no ${kernel}, which this step needs.`, {
      fix: 'Choose another backend; `cpu` has every op.',
      cause: error,
    });
  }
}

function clones(tensors: NamedTensors): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tf.clone(tensor)]));
}

function eagerRandom(key: RandomKey): StepRandom {
  const seen = new Set<string>();
  const draw = (kind: 'normal' | 'uniform') => (name: string, shape: readonly number[]) => {
    if (seen.has(name)) {
      throw new UnlabelError('DUPLICATE_NAME', `Two random draws of one step are called '${name}'.`, {
        fix: 'Give each its own name, or apply the layer under a scope of its own.',
      });
    }
    seen.add(name);
    return tf.tensor(drawStepRandom(kind, key, name, shape), [...shape], 'float32');
  };
  return { normal: draw('normal'), uniform: draw('uniform') };
}

function entry(tensors: ReadonlyMap<string, tf.Tensor>, name: string): tf.Tensor {
  const tensor = tensors.get(name);
  if (tensor) return tensor;
  throw new UnlabelError('VARIABLE_MISSING', `There is no tensor ${name}.`, {
    fix: `Known: ${[...tensors.keys()].slice(0, 8).join(', ')}${tensors.size > 8 ? ', …' : ''}.`,
  });
}

function replace(tensors: Map<string, tf.Tensor>, name: string, next: tf.Tensor): void {
  tensors.get(name)?.dispose();
  tensors.set(name, tf.keep(next));
}

function requireSpec(name: string, tensor: tf.Tensor, shape: readonly number[], dtype: string): void {
  if (tensor.dtype === dtype && tf.util.arraysEqual(tensor.shape, [...shape])) return;
  throw new UnlabelError('SHAPE_MISMATCH', `${name} is ${tensor.dtype} [${tensor.shape}], not ${dtype} [${shape}].`, {
    fix: 'State keeps its shape. For inputs of several shapes, compile the step with compilePerSignature.',
  });
}
