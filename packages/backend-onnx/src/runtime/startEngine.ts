import { type Engine, openEngine } from './engine';
import { type RuntimeSettings, startOnnxRuntime } from './onnxRuntime';
import { providers } from './providers';
import { openReplacingEngine } from './replacingEngine';

/**
 * Starts ONNX Runtime in this thread, with the engine that its provider calls for.
 * @throws UnlabelError `PEER_MISSING`, `BACKEND_UNAVAILABLE`
 */
export async function startEngine(settings: RuntimeSettings): Promise<Engine> {
  const runtime = await startOnnxRuntime(settings);
  if (providers[settings.provider].state === 'in place') return openEngine(runtime, settings);
  return openReplacingEngine(runtime, settings);
}
