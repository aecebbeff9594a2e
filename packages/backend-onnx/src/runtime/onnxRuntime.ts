import { UnlabelError } from '@unlabel/core';
import type { InferenceSession } from 'onnxruntime-node';
import { host } from '#host';
import { encodeModel } from '../emit/model';
import { value } from '../graph/graph';
import type { OnnxRuntime, RuntimeSettings, StepThread } from './host';
import { type OnnxProvider, type Provider, providerNames, providers } from './providers';

export type { OnnxRuntime, RuntimeSettings } from './host';

/** The provider that is used unless told: native code in Node, WebAssembly in browsers. */
export const defaultProvider: OnnxProvider = host.defaultProvider;

/** Where steps run unless told: in Node in a thread of their own. */
export const defaultThread: StepThread = host.defaultThread;

/** How many threads a session computes with, unless told. */
export function defaultThreads(): number {
  return host.threads();
}

/** How many threads a session computes with that asked for this many, in words. */
export function describeThreads(threads: number): string {
  const reason = host.singleThreaded();
  if (reason !== undefined) return `1 thread (${reason})`;
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

/**
 * Loads ONNX Runtime.
 * @throws UnlabelError `PEER_MISSING`, `BACKEND_UNAVAILABLE`
 */
export async function loadOnnxRuntime(settings: Partial<RuntimeSettings> = {}): Promise<OnnxRuntime> {
  return host.load({ provider: defaultProvider, threads: defaultThreads(), ...settings });
}

/** Names of the providers that ONNX Runtime brings along here. @throws UnlabelError `PEER_MISSING`, `BACKEND_UNAVAILABLE` */
export async function offeredProviders(): Promise<readonly OnnxProvider[]> {
  const keys = await host.offered();
  return providerNames.filter((name) => keys.includes(providers[name].key));
}

/**
 * Loads ONNX Runtime and makes sure that a provider works.
 * @throws UnlabelError `PEER_MISSING`, and `BACKEND_UNAVAILABLE` for a provider that is not offered or does not start
 */
export async function startOnnxRuntime(settings: RuntimeSettings): Promise<OnnxRuntime> {
  const { provider: name } = settings;
  const offered = await offeredProviders();
  if (!offered.includes(name)) {
    throw new UnlabelError('BACKEND_UNAVAILABLE', `ONNX Runtime brings no provider '${name}' for ${host.name}.`, {
      fix: `That one is for use ${providers[name].where}. Here there are: ${offered.join(', ')}.`,
    });
  }
  const runtime = await loadOnnxRuntime(settings);
  try {
    await tryOut(runtime, settings);
  } catch (cause) {
    const message = (cause instanceof Error ? cause.message : String(cause)).replace(/\.?$/, '.');
    throw new UnlabelError('BACKEND_UNAVAILABLE', `ONNX Runtime's provider '${name}' did not start: ${message}`, {
      cause,
      fix: providers[name].needs,
    });
  }
  return runtime;
}

/** Whether ONNX Runtime can compute on a WebGPU device that others made. */
export const sharesDevices: boolean = host.sharesDevices;

/** Runs the smallest graph, which says what is missing before anything waits for it. */
async function tryOut(runtime: OnnxRuntime, { provider, threads, device }: RuntimeSettings): Promise<void> {
  const [x, y] = [value('float32', [1]), value('float32', [1])];
  const nodes = [{ op: 'Neg', inputs: [x], outputs: [y], attributes: {} }];
  const model = encodeModel({ inputs: { x }, nodes, outputs: { y } });
  const session = await runtime.InferenceSession.create(
    model,
    sessionOptions(threads, providers[provider], { device }),
  );
  await session.run({ x: new runtime.Tensor('float32', Float32Array.of(1), [1]) });
  await session.release();
}

/** What a provider is told beside its name. */
interface ProviderOptions {
  /** Names of nodes that it must leave to the CPU (default none). */ readonly lacking?: readonly string[];
  /** What it computes on (default: a device of its own). */ readonly device?: GPUDevice | undefined;
}

/**
 * Settings measured on training graphs: the graph arrives optimised, and the pattern planner would double the memory.
 */
export function sessionOptions(
  threads: number,
  provider: Provider = providers.cpu,
  { lacking = [], device }: ProviderOptions = {},
): InferenceSession.SessionOptions {
  const { key: name } = provider;
  const configured = { name, ...(lacking.length > 0 && { forceCpuNodeNames: lacking }), ...(device && { device }) };
  return {
    executionProviders: [Object.keys(configured).length > 1 ? configured : name],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'disabled',
    enableMemPattern: false,
    enableCpuMemArena: true,
    logSeverityLevel: 3,
  };
}
