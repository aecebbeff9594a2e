import { type CompiledStep, type HostTensors, type ResidentState, UnlabelError } from '@unlabel/core';
import type { Engine } from '../runtime/engine';
import type { RuntimeSettings } from '../runtime/host';
import type { EngineFailure, EngineRequest } from './protocol';

/** Answers requests, one after the other, with an engine of its own. */
export interface EngineServer {
  /** @returns outputs of a run, or state that was read */ answer(
    request: EngineRequest,
  ): Promise<HostTensors | undefined>;
  /** Bytes that states hold. */ bytes(): number;
  /** The engine's. */ imageBlock(): number;
}

/** @param open makes the engine when it is asked for */
export function engineServer(open: (settings: RuntimeSettings) => Promise<Engine>): EngineServer {
  let engine: Engine | undefined;
  const states = new Map<number, ResidentState>();
  const steps = new Map<number, CompiledStep>();
  const answer = async (request: EngineRequest): Promise<HostTensors | undefined> => {
    if (request.kind === 'open') engine = await open(request.settings);
    else if (request.kind === 'createState')
      states.set(request.state, await known(engine, 'engine').createState(request.initial));
    else if (request.kind === 'read') return known(states.get(request.state), 'state').read(request.names);
    else if (request.kind === 'write') await known(states.get(request.state), 'state').write(request.values);
    else if (request.kind === 'disposeState') states.get(request.state)?.dispose();
    else if (request.kind === 'prepare')
      steps.set(request.step, await known(engine, 'engine').prepare(request.program));
    else if (request.kind === 'disposeStep') steps.get(request.step)?.dispose();
    else {
      const { step, state, inputs, key } = request;
      return known(steps.get(step), 'step').run(known(states.get(state), 'state'), inputs, key);
    }
    return undefined;
  };
  return { answer, bytes: () => engine?.bytes() ?? 0, imageBlock: () => engine?.imageBlock ?? 1 };
}

/** What a request speaks of. */
function known<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new UnlabelError('VARIABLE_MISSING', `The thread has no such ${what}.`);
}

/** An error in a form that can be sent. */
export function packed(error: unknown): EngineFailure {
  if (!UnlabelError.is(error)) return { error };
  const { code, fix } = error;
  return fix === undefined ? { error, code } : { error, code, fix };
}

/** The reverse of {@link packed}. */
export function unpacked({ error, code, fix }: EngineFailure): unknown {
  if (code === undefined) return error;
  const whole = error instanceof Error ? error.message : String(error);
  if (fix === undefined) return new UnlabelError(code, whole, { cause: error });
  const message = whole.endsWith(` ${fix}`) ? whole.slice(0, -fix.length - 1) : whole;
  return new UnlabelError(code, message, { fix, cause: error });
}
