import {
  type BackendSession,
  type CompiledStep,
  type DeviceInputs,
  type HostTensors,
  tf,
  toHost,
  UnlabelError,
} from '@unlabel/core';
import type { CaptureOptions } from '../capture/captureStep';
import type { Engine } from './engine';
import { stepProgram } from './stepProgram';

/**
 * A session that captures steps where they are written, in this thread, and leaves running them to an engine.
 * @param eager the tfjs backend that ops outside of steps use
 * @param options how steps are compiled
 */
export function openOnnxSession(engine: Engine, eager: string, options: CaptureOptions = {}): BackendSession {
  return {
    backend: 'onnx',
    eager,
    createState: engine.createState,
    compile: async (step, signature) => {
      const prepared = await engine.prepare(stepProgram(step, signature, options));
      return untilDisposed(engine.takesDeviceInputs ? tidily(prepared) : onHost(prepared));
    },
    memory: () => ({ bytes: engine.bytes(), tensors: undefined }),
    dispose: engine.dispose,
  };
}

/** The step with inputs on the device whose making leaves nothing behind: engines, in threads too, go without tfjs. */
function tidily<Outputs extends string>(step: CompiledStep<Outputs>): CompiledStep<Outputs> {
  return {
    ...step,
    run: async (state, inputs, key, onDevice) =>
      step.run(state, inputs, key, onDevice && { ...onDevice, make: () => tf.tidy(() => ({ ...onDevice.make() })) }),
  };
}

/** The step with all of its inputs from the host. */
function onHost<Outputs extends string>(step: CompiledStep<Outputs>): CompiledStep<Outputs> {
  return {
    ...step,
    run: async (state, inputs, key, onDevice) =>
      step.run(state, onDevice ? { ...inputs, ...(await downloaded(onDevice)) } : inputs, key),
  };
}

async function downloaded(onDevice: DeviceInputs): Promise<HostTensors> {
  const made = Object.entries(tf.tidy(() => ({ ...onDevice.make() })));
  try {
    return Object.fromEntries(
      await Promise.all(made.map(async ([name, tensor]) => [name, await toHost(tensor)] as const)),
    );
  } finally {
    for (const [, tensor] of made) tensor.dispose();
  }
}

/** The step, which says so when it is run after it was disposed of. */
function untilDisposed<Outputs extends string>(step: CompiledStep<Outputs>): CompiledStep<Outputs> {
  let disposed = false;
  return {
    run: async (...run) => {
      if (!disposed) return step.run(...run);
      throw new UnlabelError('ABORTED', 'The step was run after it was disposed of.', {
        fix: 'Compile it again, or dispose of it after its last run.',
      });
    },
    dispose: () => {
      if (!disposed) step.dispose();
      disposed = true;
    },
  };
}
