import { tf, UnlabelError } from '@unlabel/core';
import { kernels } from '../lowerings/kernels';
import { RecordingBackend } from './recordingBackend';
import { describeSite, type Site } from './site';

/** An op while its gradient is computed. */
interface Differentiated {
  readonly kernel: string;
  /** Places among the recorded tensors of what tfjs kept for the gradient. */ readonly kept: readonly number[];
}

/** Hears of the kernel whose gradient is being computed, and of what tfjs kept for it; of none when it is done. */
type Watch = (kernel: string | undefined, saved: readonly tf.Tensor[]) => void;

/**
 * Says which op's gradient an error comes from, and where that op was called. tfjs computes gradients from a tape, long
 * after the op, so that the stack shows neither; the step is recorded once more, with all gradients watched.
 * @returns a better error, or `error` if it does not come from a gradient
 */
export function gradientError(error: unknown, record: (backend: RecordingBackend) => unknown): unknown {
  if (!mayComeFromGradient(error)) return error;
  const backend = new RecordingBackend(true);
  let current: Differentiated | undefined;
  backend.gradientSite = () => current && siteOf(backend, current);
  const watch: Watch = (kernel, saved) => {
    const kept = saved.filter(Boolean).map((tensor) => backend.recorded(tensor).index);
    current = kernel === undefined ? undefined : { kernel, kept };
  };
  try {
    watchGradients(watch, () => record(backend));
  } catch (again) {
    if (UnlabelError.is(again)) return current ? again : error;
    return tfjsError(backend, again) ?? error;
  }
  return error;
}

function mayComeFromGradient(error: unknown): boolean {
  if (UnlabelError.is(error)) return error.code === 'CAPTURE_UNSUPPORTED_OP';
  return error instanceof Error && /gradient/i.test(`${error.message} ${error.stack}`);
}

/** What tfjs itself refuses to differentiate. */
function tfjsError(backend: RecordingBackend, cause: unknown): UnlabelError | undefined {
  const message = cause instanceof Error ? cause.message : String(cause);
  const missing = /gradient function not found for (\w+)/.exec(message)?.[1];
  if (missing !== undefined) {
    const site = backend.calls.findLast(({ kernel }) => kernel === missing)?.site;
    const what = `${site?.op ?? 'An op'} (tfjs kernel ${missing}) has no gradient in tfjs, but the loss depends on it`;
    return new UnlabelError('CAPTURE_UNSUPPORTED_OP', `${what}${site ? describeSite(site) : ''}.`, {
      fix: 'Write it with other ops, give it one with tf.customGrad, or keep gradients from it.',
      cause,
    });
  }
  const site = backend.gradientSite?.();
  return (
    site &&
    new UnlabelError(
      'CAPTURE_UNSUPPORTED_OP',
      `${site.op} cannot be computed${describeSite(site)}: ${message.replace(/\.?$/, '.')}`,
      {
        fix: 'Write it with other ops, or give it a gradient with tf.customGrad.',
        cause,
      },
    )
  );
}

/** Where the op was called: tfjs copied what it keeps for the gradient right after. */
function siteOf(backend: RecordingBackend, { kernel, kept }: Differentiated): Site | undefined {
  const copy = backend.calls.find(({ outputs }) => outputs.some(({ index }) => kept.includes(index)));
  const site = (copy ?? backend.calls.findLast((call) => call.kernel === kernel))?.site;
  return site && { op: `The gradient of ${site.op ?? `kernel ${kernel}`}`, line: site.line };
}

/** Runs `body`, and tells which op is being differentiated; after an error, that is the op whose gradient threw it. */
function watchGradients(watch: Watch, body: () => unknown): void {
  const gradients = [...kernels.keys()].flatMap((kernel) => tf.getGradient(kernel) ?? []);
  for (const gradient of gradients) replaceGradient(watched(gradient, watch));
  try {
    body();
  } finally {
    for (const gradient of gradients) replaceGradient(gradient);
  }
}

function watched(gradient: tf.GradConfig, watch: Watch): tf.GradConfig {
  return {
    ...gradient,
    gradFunc: (dy, saved, attributes) => {
      const during = <T>(body: () => T) => {
        watch(gradient.kernelName, saved);
        const result = body();
        watch(undefined, []);
        return result;
      };
      const computations = during(() => gradient.gradFunc(dy, saved, attributes));
      return Object.fromEntries(
        Object.entries(computations).map(([input, compute]) => [input, () => during(() => compute())] as const),
      );
    },
  };
}

function replaceGradient(gradient: tf.GradConfig): void {
  tf.unregisterGradient(gradient.kernelName);
  tf.registerGradient(gradient);
}
