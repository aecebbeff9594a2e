import type { BackendSession, CompiledStep, DeviceInputs, ResidentState, StepSignature } from '../backend';
import type { HostTensors } from '../hostTensor';
import type { RandomKey } from '../random';
import type { Candidate } from './candidate';
import { type ChoiceMemory, choiceKey } from './choiceMemory';
import { move, type Place } from './movingState';

/** Where a step runs, and why. */
export interface BackendChoice {
  /** Name of the backend. */ readonly backend: string;
  /** The fastest run of the step on each backend that can run it; empty where the choice was remembered. */
  readonly milliseconds: Readonly<Record<string, number>>;
}

/** How a choice is made. */
export interface ChoiceOptions {
  readonly rounds: number;
  readonly memory: ChoiceMemory;
  readonly onChoice: (choice: BackendChoice) => void;
}

/** A run of a step that was asked for. */
export interface AskedRun {
  readonly signature: StepSignature;
  readonly inputs: HostTensors;
  readonly key: RandomKey;
  /** May be made any number of times. */ readonly onDevice: DeviceInputs | undefined;
  /** The step, compiled. @throws UnlabelError what the backend refuses */
  on(session: BackendSession): Promise<CompiledStep>;
  /** Lets go of the step on a session. */ off(session: BackendSession): void;
}

/** Takes the state to where the step is the fastest: where that is remembered to be, or turns out to be. */
export async function settle(
  place: Place,
  candidates: readonly Candidate[],
  run: AskedRun,
  { rounds, memory, onChoice }: ChoiceOptions,
): Promise<void> {
  const [only, ...others] = candidates;
  if (only && others.length === 0) return move(place, only);
  const key = await choiceKey(
    candidates.map(({ detail }) => detail),
    run.signature,
  );
  const name = await memory.read(key).catch(() => undefined); // a page may be denied its storage
  const remembered = candidates.find((candidate) => candidate.name === name);
  if (remembered && (await takes(remembered, place, run))) {
    onChoice({ backend: remembered.name, milliseconds: {} });
    return;
  }
  const runners = await warmedUp(candidates, await place.state.read(), run);
  try {
    const [first, ...rest] = await raced(runners, run, rounds);
    await move(place, first.candidate);
    for (const { session } of rest) run.off(session);
    const milliseconds = Object.fromEntries(runners.map(({ candidate, best }) => [candidate.name, best]));
    onChoice({ backend: first.candidate.name, milliseconds });
    await memory.write(key, first.candidate.name).catch(() => undefined);
  } finally {
    for (const { state, candidate } of runners) {
      state.dispose();
      await candidate.leave();
    }
  }
}

/** Moves the state to a candidate that runs the step; another step of the same shapes may have been the one remembered. */
async function takes(candidate: Candidate, place: Place, run: AskedRun): Promise<boolean> {
  try {
    const session = await candidate.enter();
    try {
      await run.on(session);
      await move(place, candidate);
    } finally {
      await candidate.leave();
    }
    return true;
  } catch {
    return false;
  }
}

/** A candidate that can run the step, with a copy of the state. */
interface Runner {
  readonly candidate: Candidate;
  readonly session: BackendSession;
  readonly step: CompiledStep;
  readonly state: ResidentState;
  /** Milliseconds. */ best: number;
}

type Runners = readonly [Runner, ...Runner[]];

/** Compiles the step and runs it once on every candidate that can. @throws what the first refuses when all do */
async function warmedUp(candidates: readonly Candidate[], values: HostTensors, run: AskedRun): Promise<Runners> {
  const runners: Runner[] = [];
  const refusals: unknown[] = [];
  for (const candidate of candidates) {
    try {
      runners.push(await warm(candidate, values, run));
    } catch (error) {
      refusals.push(error);
    }
  }
  const [first, ...rest] = runners;
  if (!first) throw refusals[0];
  return [first, ...rest];
}

async function warm(candidate: Candidate, values: HostTensors, run: AskedRun): Promise<Runner> {
  const session = await candidate.enter();
  try {
    const step = await run.on(session);
    const state = await session.createState(values);
    try {
      await timed(step, state, run);
    } catch (error) {
      state.dispose();
      throw error;
    }
    return { candidate, session, step, state, best: Number.POSITIVE_INFINITY };
  } catch (error) {
    run.off(session);
    await candidate.leave();
    throw error;
  }
}

/** Runs the step in turns, until the rounds are over or one is twice as fast as all others. @returns the fastest first */
async function raced(runners: Runners, run: AskedRun, rounds: number): Promise<Runners> {
  const byTime = () => [...runners].sort((a, b) => a.best - b.best);
  for (let round = 0; round < rounds; round++) {
    for (const runner of runners) {
      runner.best = Math.min(runner.best, await timed(runner.step, runner.state, run));
    }
    const [first, second] = byTime();
    if (!first || !second || second.best > 2 * first.best) break;
  }
  const [first = runners[0], ...rest] = byTime();
  return [first, ...rest];
}

/** Milliseconds until a run has left its mark on the state: outputs come before that on backends that work ahead. */
async function timed(step: CompiledStep, state: ResidentState, run: AskedRun): Promise<number> {
  const { inputs, key, onDevice, signature } = run;
  const start = performance.now();
  await step.run(state, inputs, key, onDevice);
  const last = Object.keys(signature.state).at(-1);
  if (last !== undefined) await state.read([last]);
  return performance.now() - start;
}
