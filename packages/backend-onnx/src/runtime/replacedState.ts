import {
  type HostDtype,
  type HostTensors,
  type ResidentState,
  sizeOf,
  specsOf,
  type TensorSpecs,
  UnlabelError,
} from '@unlabel/core';
import type { Tensor } from 'onnxruntime-node';
import { graphName } from '../capture/lowerRecording';
import { encodeModel } from '../emit/model';
import { value } from '../graph/graph';
import type { OnnxRuntime } from './onnxRuntime';
import { copied, entryOf, fromOnnx, requireSpec, takingTurns, toOnnx } from './residentState';

/** ONNX Runtime's tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A graph that is ready to run. */
export interface DeviceSession {
  run(feeds: Tensors): Promise<Tensors>;
  release(): Promise<void>;
}

/** Where sessions come from, and where they leave tensors. */
export interface Device {
  readonly runtime: OnnxRuntime;
  readonly location: 'cpu' | 'gpu-buffer';
  /** Opens a session; outputs of the names in `staying` stay on the device, nodes of those in `lacking` run on the CPU. */
  open(model: Uint8Array, staying: readonly string[], lacking?: readonly string[]): Promise<DeviceSession>;
  /** Keeps a session until the device is let go: tensors on the device must not outlive the session that made them. */
  keep(session: DeviceSession): void;
}

/** State whose tensors each step replaces by its outputs. */
export interface ReplacedState extends ResidentState {
  /** The tensor to read an entry from. */ current(name: string): Tensor;
  /** Puts tensors in place of those of the same names, and lets go of these. */ replace(by: Tensors): void;
  /** Uses the state when everything that was asked of it before is done. */
  readonly inTurn: ReturnType<typeof takingTurns>;
  /** Bytes held. */ bytes(): number;
}

const states = new WeakMap<ResidentState, ReplacedState>();

/** The tensors behind a state. @throws UnlabelError `VARIABLE_MISSING` for states of other backends */
export function replacedStateOf(state: ResidentState): ReplacedState {
  const found = states.get(state);
  if (found) return found;
  throw new UnlabelError('VARIABLE_MISSING', 'The state belongs to a session of another backend.', {
    fix: 'Create it with createState of the session that compiled the step.',
  });
}

/** Copies first values to a device. */
export async function replacedState(device: Device, initial: HostTensors): Promise<ReplacedState> {
  const entries = new Map(Object.entries(await uploaded(device, initial)));
  const specs = specsOf(initial);
  const current = (name: string) => entryOf(entries, name);
  const replace = (by: Tensors) => {
    for (const [name, tensor] of Object.entries(by)) {
      entries.get(name)?.dispose();
      entries.set(name, tensor);
    }
  };
  const inTurn = takingTurns();
  const state: ReplacedState = {
    specs,
    current,
    replace,
    inTurn,
    bytes: () => [...entries.keys()].reduce((sum, name) => sum + byteLength(specs, name), 0),
    read: (names = [...entries.keys()]) =>
      inTurn(() => downloaded(device, Object.fromEntries(names.map((name) => [name, current(name)])))),
    write: (values) =>
      inTurn(async () => {
        for (const [name, given] of Object.entries(values)) {
          current(name);
          requireSpec(name, specs[name] ?? given, given);
        }
        replace(await uploaded(device, values));
      }),
    dispose: () => {
      for (const tensor of entries.values()) tensor.dispose();
      entries.clear();
    },
  };
  states.set(state, state);
  return state;
}

function byteLength(specs: TensorSpecs, name: string): number {
  const { dtype, shape } = specs[name] ?? { dtype: 'float32', shape: [0] };
  return sizeOf(shape) * (dtype === 'bool' ? 1 : 4);
}

async function uploaded(device: Device, values: HostTensors): Promise<Tensors> {
  const tensors = Object.fromEntries(
    Object.entries(values).map(([name, given]) => [name, toOnnx(device.runtime, copied(given))]),
  );
  return device.location === 'cpu' ? tensors : passedOn(device, tensors, true);
}

async function downloaded(device: Device, tensors: Tensors): Promise<HostTensors> {
  const read = device.location === 'cpu' ? tensors : await passedOn(device, tensors, false);
  return Object.fromEntries(Object.entries(read).map(([name, tensor]) => [name, copied(fromOnnx(name, tensor))]));
}

/**
 * The same values as outputs of a graph that does nothing else, on the device or in host memory: the way between the two
 * that every runtime has.
 */
async function passedOn(device: Device, tensors: Tensors, staying: boolean): Promise<Tensors> {
  const names = Object.keys(tensors);
  if (names.length === 0) return {};
  const outputNames = names.map((name) => graphName.nextState(name));
  const session = await device.open(identityModel(tensors), staying ? outputNames : []);
  const feeds = Object.entries(tensors).map(([name, tensor]) => [graphName.state(name), tensor] as const);
  const results = new Map(Object.entries(await session.run(Object.fromEntries(feeds))));
  if (staying) device.keep(session);
  else await session.release();
  return Object.fromEntries(names.map((name) => [name, entryOf(results, graphName.nextState(name))]));
}

function identityModel(tensors: Tensors): Uint8Array {
  const pairs = Object.entries(tensors).map(([name, { type, dims }]) => {
    const dtype: HostDtype = type === 'bool' || type === 'int32' ? type : 'float32';
    return { name, input: value(dtype, dims), output: value(dtype, dims) };
  });
  return encodeModel({
    inputs: Object.fromEntries(pairs.map(({ name, input }) => [graphName.state(name), input])),
    nodes: pairs.map(({ input, output }) => ({ op: 'Identity', inputs: [input], outputs: [output], attributes: {} })),
    outputs: Object.fromEntries(pairs.map(({ name, output }) => [graphName.nextState(name), output])),
  });
}
