import type { BackendSession } from '@unlabel/core';
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
    compile: async (step, signature) =>
      engine.prepare(stepProgram(step, signature, { ...options, imageBlock: engine.imageBlock })),
    memory: () => ({ bytes: engine.bytes(), tensors: undefined }),
    dispose: engine.dispose,
  };
}
