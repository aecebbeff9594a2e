import { UnlabelError } from '@unlabel/core';
import type { Target } from '../passes/pass';
import { imageBlockOf } from './imageBlock';
import { defaultProvider, loadOnnxRuntime } from './onnxRuntime';
import { type OnnxProvider, providerNames, providers } from './providers';

/** What steps are compiled for. */
export interface StepTarget extends Target {
  /** Whether steps keep to operators of the ONNX standard. */ readonly portable: boolean;
}

/** What a provider has steps compiled for, where ONNX Runtime's own image order has blocks of that many channels. */
export function targetOf(provider: OnnxProvider, imageBlock: number): StepTarget {
  const { portable } = providers[provider];
  return { portable, imageBlock };
}

/**
 * What steps are compiled for with a provider, and on this processor: what `explain` needs to show what would run here.
 * @param provider default `'cpu'` in Node, `'wasm'` in browsers
 * @throws UnlabelError `UNKNOWN_NAME` for a provider that does not exist, `PEER_MISSING`, `BACKEND_UNAVAILABLE`
 */
export async function stepTarget(provider: string = defaultProvider): Promise<StepTarget> {
  requireProviderName(provider);
  const runtime = await loadOnnxRuntime({ provider });
  return targetOf(provider, await imageBlockOf(runtime, { provider, threads: 1 }));
}

/** @throws UnlabelError `UNKNOWN_NAME` */
export function requireProviderName(name: string): asserts name is OnnxProvider {
  if (providerNames.some((known) => known === name)) return;
  throw new UnlabelError('UNKNOWN_NAME', `ONNX Runtime has no provider '${name}' that Unlabel knows.`, {
    fix: `Known: ${providerNames.join(', ')}.`,
  });
}
