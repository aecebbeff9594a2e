import type { BackendSession } from '@unlabel/core';
import type { Engine } from './engine';
import { stepProgram } from './stepProgram';

/**
 * A session that captures steps where they are written, in this thread, and leaves running them to an engine.
 * @param eager the tfjs backend that ops outside of steps use
 */
export function openOnnxSession(engine: Engine, eager: string): BackendSession {
  return {
    backend: 'onnx',
    eager,
    createState: engine.createState,
    compile: async (step, signature) => engine.prepare(stepProgram(step, signature)),
    memory: () => ({ bytes: engine.bytes(), tensors: undefined }),
    dispose: engine.dispose,
  };
}
