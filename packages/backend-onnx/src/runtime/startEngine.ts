import { host } from '#host';
import { type Engine, openEngine } from './engine';
import type { StepThread } from './host';
import { imageBlockOf } from './imageBlock';
import { type RuntimeSettings, startOnnxRuntime } from './onnxRuntime';
import { providers } from './providers';
import { openReplacingEngine } from './replacingEngine';

/**
 * Starts ONNX Runtime in this thread, with the engine that its provider calls for.
 * @throws UnlabelError `PEER_MISSING`, `BACKEND_UNAVAILABLE`
 */
export async function startEngine(settings: RuntimeSettings): Promise<Engine> {
  const runtime = await startOnnxRuntime(settings);
  if (providers[settings.provider].state === 'in place') {
    return openEngine(runtime, { ...settings, imageBlock: await imageBlockOf(runtime, settings) });
  }
  return openReplacingEngine(runtime, settings);
}

/**
 * Starts ONNX Runtime in a thread of its own, or in this one.
 * @throws UnlabelError as {@link startEngine}; `WORKER_FAILED`, `INVALID_OPTION` for a thread of its own in browsers
 */
export function startEngineIn(thread: StepThread, settings: RuntimeSettings): Promise<Engine> {
  return thread === 'worker' ? host.openThread(settings) : startEngine(settings);
}
