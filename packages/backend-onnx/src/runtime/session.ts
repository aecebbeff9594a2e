import { type BackendSession, type CompiledStep, UnlabelError } from '@unlabel/core';
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
    compile: async (step, signature) => untilDisposed(await engine.prepare(stepProgram(step, signature, options))),
    memory: () => ({ bytes: engine.bytes(), tensors: undefined }),
    dispose: engine.dispose,
  };
}

/** The step, which says so when it is run after it was disposed of. */
function untilDisposed<Outputs extends string>(step: CompiledStep<Outputs>): CompiledStep<Outputs> {
  let disposed = false;
  return {
    run: async (state, inputs, key) => {
      if (!disposed) return step.run(state, inputs, key);
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
