import { type Backend, cpu, tf, UnlabelError } from '@unlabel/core';
import { type PassName, requirePassNames } from './passes/passNames';
import type { StepThread } from './runtime/host';
import {
  defaultProvider,
  defaultThread,
  defaultThreads,
  describeThreads,
  offeredProviders,
  sharesDevices,
  startOnnxRuntime,
} from './runtime/onnxRuntime';
import { type OnnxProvider, providers } from './runtime/providers';
import { openOnnxSession } from './runtime/session';
import { startEngineIn } from './runtime/startEngine';
import { requireProviderName, targetOf } from './runtime/stepTarget';

/** What an activation of a micro-batch should fit in on a CPU: about the second-level caches of two cores. */
export const microBatchBytes = 2_500_000;

/** Settings of the ONNX backend. */
export interface OnnxOptions {
  /**
   * What ONNX Runtime computes with (default `'cpu'` in Node, `'wasm'` in browsers). Which there are depends on the
   * platform: `probe` says.
   */
  readonly provider?: OnnxProvider;
  /**
   * Threads that one step computes with on a CPU, at least 1 (default: one for each core). A browser's page has one thread
   * unless it is cross-origin isolated, and the number of the first session on it.
   */
  readonly threads?: number;
  /**
   * Where steps run: in a thread of their own, so that timers, loaders and servers of this one go on meanwhile; or on the
   * `'main'` thread, the one that asks for them, which each step then blocks (default `'worker'` in Node, in browsers
   * `'main'` alone).
   */
  readonly thread?: StepThread;
  /**
   * In browsers, URL of the folder that serves onnxruntime-web's `.wasm` files, ending in `/` (default: where the bundle
   * lies, or where the bundler put them).
   */
  readonly wasmPaths?: string;
  /**
   * In browsers, with `provider: 'webgpu'`: the device to compute on, or how to come by it when a session is opened, to
   * share it with tfjs or other code (default: one of ONNX Runtime's own). Eager ops outside of steps then run on the tfjs
   * backend that is active.
   */
  readonly device?: GPUDevice | (() => Promise<GPUDevice>);
  /**
   * Parts of the compiler to leave out, to see what they bring or whether one is at fault (default none); all of them
   * leave the results as they are but for rounding. `explain` shows what each does.
   */
  readonly without?: readonly PassName[];
}

/**
 * The backend that captures a step as an ONNX graph and runs it in ONNX Runtime, with the state resident between steps.
 * Eager ops outside of steps run on tfjs's `cpu` backend, unless a `device` is shared.
 *
 * A step must be capturable: no reading of values (`CAPTURE_VALUE_READ`), no tensors from outside
 * (`CAPTURE_UNDECLARED_TENSOR`), randomness from `step.random` alone, and only ops with an ONNX counterpart
 * (`CAPTURE_UNSUPPORTED_OP`). Each error names the op and the line.
 * @throws UnlabelError `UNKNOWN_NAME` for a pass or a provider that does not exist, `INVALID_OPTION` for other options
 */
export function onnx(options: OnnxOptions = {}): Backend {
  const { provider = defaultProvider, threads = defaultThreads(), thread = defaultThread } = options;
  const { wasmPaths, device, without = [] } = options;
  requirePassNames(without);
  requireProviderName(provider);
  requireThreads(threads);
  requireStepThread(thread);
  requireDevice(options);
  const settings = { provider, threads, ...(wasmPaths !== undefined && { wasmPaths }) };
  const shared = async () => device && { device: typeof device === 'function' ? await device() : device };
  return {
    name: 'onnx',
    probe: async () => {
      try {
        const { env } = await startOnnxRuntime({ ...settings, ...(await shared()) });
        const others = (await offeredProviders()).filter((name) => name !== provider);
        const choice = others.length > 0 ? `; also has ${others.join(', ')}, not tried` : '';
        const detail = `ONNX Runtime ${env.versions.common}, ${provider}, ${describeThreads(threads)}${choice}`;
        return { available: true, detail };
      } catch (error) {
        return { available: false, ...explained(error) };
      }
    },
    open: async (sessionOptions = {}) => {
      const opened = { ...settings, threads: sessionOptions.threads ?? threads, ...(await shared()) };
      requireThreads(opened.threads);
      const engine = await startEngineIn(thread, opened);
      const eager = device ? tf.getBackend() : (await cpu().open()).eager;
      const { lacks } = providers[provider];
      const target = targetOf(provider, engine.imageBlock);
      const session = openOnnxSession(engine, eager, { without, ...target, ...(lacks && { lacks }) });
      return provider === 'cpu' ? { ...session, microBatchBytes } : session;
    },
  };
}

function requireThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 1) return;
  throw new UnlabelError('INVALID_OPTION', `threads is ${threads}.`, {
    fix: 'Give a whole number from 1, or leave it out for one thread a core.',
  });
}

function requireDevice({ device, provider }: OnnxOptions): void {
  if (device === undefined) return;
  if (provider !== 'webgpu') {
    throw new UnlabelError('INVALID_OPTION', `A device was given to the provider '${provider ?? defaultProvider}'.`, {
      fix: "Give it with provider: 'webgpu'.",
    });
  }
  if (sharesDevices) return;
  throw new UnlabelError('INVALID_OPTION', 'In Node, ONNX Runtime computes on a WebGPU device of its own.', {
    fix: 'Leave `device` out.',
  });
}

function requireStepThread(thread: string): void {
  if (thread === 'worker' || thread === 'main') return;
  throw new UnlabelError('INVALID_OPTION', `thread is '${thread}'.`, { fix: "It can be 'worker' or 'main'." });
}

/** @returns the reason, and the fix apart from it */
function explained(error: unknown): { readonly reason: string; readonly fix: string } {
  const reason = error instanceof Error ? error.message : String(error);
  const fix = UnlabelError.is(error) ? error.fix : undefined;
  return fix === undefined
    ? { reason, fix: 'Reinstall ONNX Runtime.' }
    : { reason: reason.replace(` ${fix}`, ''), fix };
}
