import { type Backend, cpu } from '@unlabel/core';
import { type PassName, requirePassNames } from './passes/passNames';
import { openEngine } from './runtime/engine';
import { defaultThreads, loadOnnxRuntime } from './runtime/onnxRuntime';
import { openOnnxSession } from './runtime/session';

/** Settings of the ONNX backend. */
export interface OnnxOptions {
  /** Threads that one step computes with, at least 1 (default: one for each core). */ readonly threads?: number;
  /**
   * Parts of the compiler to leave out, to see what they bring or whether one is at fault (default none); all of them
   * leave the results as they are but for rounding. `explain` shows what each does.
   */
  readonly without?: readonly PassName[];
}

/**
 * The backend that captures a step as an ONNX graph and runs it in ONNX Runtime on the CPU, with the state resident
 * between steps. Eager ops outside of steps run on tfjs's `cpu` backend.
 *
 * A step must be capturable: no reading of values (`CAPTURE_VALUE_READ`), no tensors from outside
 * (`CAPTURE_UNDECLARED_TENSOR`), randomness from `step.random` alone, and only ops with an ONNX counterpart
 * (`CAPTURE_UNSUPPORTED_OP`). Each error names the op and the line.
 * @throws UnlabelError `UNKNOWN_NAME` for a pass that does not exist
 */
export function onnx(options: OnnxOptions = {}): Backend {
  const { threads = defaultThreads(), without = [] } = options;
  requirePassNames(without);
  return {
    name: 'onnx',
    probe: async () => {
      try {
        const runtime = await loadOnnxRuntime();
        return { available: true, detail: `ONNX Runtime ${runtime.env.versions.common}, CPU, ${threads} threads` };
      } catch (error) {
        return { available: false, ...explain(error) };
      }
    },
    open: async (sessionOptions = {}) => {
      const runtime = await loadOnnxRuntime();
      const eager = await cpu().open();
      return openOnnxSession(openEngine(runtime, sessionOptions.threads ?? threads), eager.eager, { without });
    },
  };
}

function explain(error: unknown): { readonly reason: string; readonly fix: string } {
  const reason = error instanceof Error ? error.message : String(error);
  const fix =
    error instanceof Error && 'fix' in error && typeof error.fix === 'string'
      ? error.fix
      : 'Reinstall onnxruntime-node.';
  return { reason, fix };
}
