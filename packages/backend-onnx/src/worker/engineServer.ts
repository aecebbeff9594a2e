import { type CompiledStep, type HostTensors, type ResidentState, UnlabelError } from '@unlabel/core';
import type { Engine } from '../runtime/engine';
import type { RuntimeSettings } from '../runtime/host';
import type { EngineFailure, EngineRequest } from './protocol';

/** Answers requests, one after the other, with an engine of its own. */
export interface EngineServer {
  /** Outputs of a run, or state that was read. */
  answer(request: EngineRequest): Promise<HostTensors | undefined>;
  /** Bytes that states hold. */ bytes(): number;
  /** The engine's. */ imageBlock(): number;
}

/** @param open makes the engine when it is asked for */
export function engineServer(open: (settings: RuntimeSettings) => Promise<Engine>): EngineServer {
  let engine: Engine | undefined;
  const states = new Map<number, ResidentState>();
  const steps = new Map<number, CompiledStep>();
  const stateOf = (number: number) => known(states.get(number), 'state');
  const answer = async (request: EngineRequest): Promise<HostTensors | undefined> => {
    switch (request.kind) {
      case 'open':
        engine = await open(request.settings);
        return undefined;
      case 'createState':
        states.set(request.state, await known(engine, 'engine').createState(request.initial));
        return undefined;
      case 'read':
        return stateOf(request.state).read(request.names);
      case 'write':
        await stateOf(request.state).write(request.values);
        return undefined;
      case 'disposeState':
        states.get(request.state)?.dispose();
        states.delete(request.state);
        return undefined;
      case 'prepare':
        steps.set(request.step, await known(engine, 'engine').prepare(request.program));
        return undefined;
      case 'run':
        return known(steps.get(request.step), 'step').run(stateOf(request.state), request.inputs, request.key);
      case 'disposeStep':
        steps.get(request.step)?.dispose();
        steps.delete(request.step);
        return undefined;
    }
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
