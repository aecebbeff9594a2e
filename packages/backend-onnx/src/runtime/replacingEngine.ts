import { type CompiledStep, type HostTensor, UnlabelError } from '@unlabel/core';
import { graphName } from '../capture/lowerRecording';
import { madeOnDevice } from './deviceInputs';
import { type Engine, feedsOf } from './engine';
import { type OnnxRuntime, type RuntimeSettings, sessionOptions } from './onnxRuntime';
import { providers } from './providers';
import { type Device, type DeviceSession, type ReplacedState, replacedState, replacedStateOf } from './replacedState';
import { entryOf, fromOnnx } from './residentState';
import type { StepProgram } from './stepProgram';

/**
 * An engine for providers that allocate the outputs of a step themselves. Those that are state are what the next step is
 * fed; they leave the device when they are read, and not before.
 */
export function openReplacingEngine(runtime: OnnxRuntime, settings: RuntimeSettings): Engine {
  const kept: DeviceSession[] = [];
  const states: ReplacedState[] = [];
  const device = deviceOf(runtime, settings, kept);
  return {
    imageBlock: 1,
    takesDeviceInputs: settings.device !== undefined,
    createState: async (initial) => {
      const state = await replacedState(device, initial);
      states.push(state);
      return state;
    },
    prepare: (program) => prepareStep(device, program),
    bytes: () => states.reduce((sum, state) => sum + state.bytes(), 0),
    dispose: async () => {
      for (const state of states.splice(0)) state.dispose();
      for (const session of kept.splice(0)) await session.release();
    },
  };
}

function deviceOf(
  runtime: OnnxRuntime,
  { provider: name, threads, device }: RuntimeSettings,
  kept: DeviceSession[],
): Device {
  const provider = providers[name];
  const location = provider.state === 'gpu-buffer' ? 'gpu-buffer' : 'cpu';
  const orLoss = device ? untilLost(device) : <T>(work: Promise<T>) => work;
  return {
    runtime,
    location,
    open: async (model, staying, lacking = []) => {
      const session = await runtime.InferenceSession.create(model, {
        ...sessionOptions(threads, provider, { lacking, device }),
        preferredOutputLocation: Object.fromEntries(staying.map((output) => [output, location])),
      });
      return { run: (feeds) => orLoss(session.run(feeds)), release: () => session.release() };
    },
    keep: (session) => kept.push(session),
  };
}

/** Work on a device, which would wait for ever when the device is lost. */
function untilLost(device: GPUDevice): <T>(work: Promise<T>) => Promise<T> {
  const lost = device.lost.then(({ reason, message }) => {
    throw new UnlabelError('DEVICE_LOST', `The GPU device was lost (${reason}: ${message}).`, {
      fix: 'State on it is gone; checkpoints are whole. Open the backend again and resume from the last one.',
    });
  });
  lost.catch(() => undefined); // told to whoever waits
  return (work) => Promise.race([lost, work]);
}

async function prepareStep<Outputs extends string>(
  device: Device,
  program: StepProgram<Outputs>,
): Promise<CompiledStep<Outputs>> {
  const session = await device.open(
    program.model,
    program.nextState.map((name) => graphName.nextState(name)),
    program.lacking,
  );
  device.keep(session);
  return {
    run: async (resident, inputs, key, onDevice) => {
      const state = replacedStateOf(resident);
      return state.inTurn(async () => {
        const made = onDevice && madeOnDevice(device.runtime, onDevice);
        const feeds = feedsOf(device.runtime, program, state, inputs, key, made?.tensors);
        const running = session.run(feeds);
        const results = new Map(Object.entries(await (made ? running.finally(made.dispose) : running)));
        const next = program.nextState.map((name) => [name, entryOf(results, graphName.nextState(name))] as const);
        state.replace(Object.fromEntries(next));
        const outputs = Object.keys(program.outputs).map(
          (name) => [name, fromOnnx(name, entryOf(results, graphName.output(name)))] as const,
        );
        return Object.fromEntries(outputs) as Record<Outputs, HostTensor>; // the program's own output names
      });
    },
    dispose: () => undefined, // with the engine, for the sake of the state
  };
}
