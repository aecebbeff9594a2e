import type {
  Availability,
  Backend,
  BackendSession,
  CompiledStep,
  DeviceInputs,
  Step,
  StepSignature,
} from '../backend';
import { UnlabelError } from '../errors';
import { tf } from '../tf';
import { type Candidate, candidateOf } from './candidate';
import { browserMemory, type ChoiceMemory, processMemory } from './choiceMemory';
import { movingState, movingStateOf } from './movingState';
import { selectBackend } from './select';
import { type BackendChoice, type ChoiceOptions, settle } from './settle';

/** How the fastest backend is found. */
export interface FastestOptions {
  /** Timed runs of a step on each backend, after one that is not counted, at least 1 (default 3). */
  readonly rounds?: number;
  /** What remembers choices (default: IndexedDB in browsers, elsewhere nothing beyond this backend). */
  readonly memory?: ChoiceMemory;
  /** Is told of each choice. */ readonly onChoice?: (choice: BackendChoice) => void;
}

/**
 * Runs each step on whichever of several backends it is fastest on. State starts out on the first of them; the first step
 * that runs on it is timed on copies, by all backends in turns, and the state moves to the fastest and stays there. A choice
 * is remembered for the same devices and shapes. A backend that cannot run a step is out of the choice; to force one, use it
 * instead.
 * @param backends of different names, first the one for eager ops; those that do not work here are left out
 * @throws UnlabelError `DUPLICATE_NAME`, `INVALID_OPTION`; from `open`, `BACKEND_UNAVAILABLE` where none works; from steps,
 *   what the first backend refuses where all refuse
 */
export function fastest(backends: readonly Backend[], options: FastestOptions = {}): Backend {
  const { rounds = 3, memory = browserMemory() ?? processMemory(), onChoice = () => undefined } = options;
  requireDifferent(backends);
  requireRounds(rounds);
  return {
    name: 'fastest',
    probe: async () => summary(backends, await working(backends)),
    open: async (opening) => {
      const [home, ...others] = (await working(backends)).map(({ backend, detail }) =>
        candidateOf(backend, detail, opening),
      );
      if (home) return openFastestSession([home, ...others], { rounds, memory, onChoice });
      return (await selectBackend(backends)).backend.open(opening); // says why there is none
    },
  };
}

interface Working {
  readonly backend: Backend;
  readonly detail: string;
  readonly software: boolean;
}

async function working(backends: readonly Backend[]): Promise<readonly Working[]> {
  const found = await Promise.all(backends.map(async (backend) => ({ backend, found: await backend.probe() })));
  return found.flatMap(({ backend, found: { available, ...rest } }) =>
    available && 'detail' in rest ? [{ backend, detail: rest.detail, software: rest.software ?? false }] : [],
  );
}

/** What `probe` says: the first that works, and what it is measured against. */
async function summary(backends: readonly Backend[], [first, ...others]: readonly Working[]): Promise<Availability> {
  if (!first) return { available: false, ...(await noneOf(backends)) };
  const against = others.map(({ backend, detail }) => `${backend.name} (${detail})`).join(', ');
  const detail = against ? `${first.backend.name} (${first.detail}) or ${against}, by measurement` : first.detail;
  return { available: true, detail, ...(first.software && { software: true }) };
}

async function noneOf(backends: readonly Backend[]): Promise<{ readonly reason: string; readonly fix: string }> {
  const error: unknown = await selectBackend(backends).catch((refusal: unknown) => refusal);
  const { message, fix = '' } = UnlabelError.is(error) ? error : { message: String(error) };
  return { reason: message.replace(` ${fix}`, ''), fix };
}

async function openFastestSession(
  candidates: readonly [Candidate, ...Candidate[]],
  options: ChoiceOptions,
): Promise<BackendSession> {
  const [home] = candidates;
  const { eager, microBatchBytes, views } = await home.enter(); // until the session is disposed of
  const open = () => candidates.flatMap((candidate) => candidate.session() ?? []);
  return {
    backend: 'fastest',
    eager,
    ...(microBatchBytes !== undefined && { microBatchBytes }),
    ...(views && { views }),
    createState: (initial) => movingState(home, initial),
    compile: async (step, signature) => compileWherever(candidates, step, signature, eager, options),
    memory: () => {
      const reports = open().map((session) => session.memory());
      const deviceBytes = sum(reports.map((report) => report.deviceBytes));
      return {
        bytes: sum(reports.map(({ bytes }) => bytes)),
        tensors: reports[0]?.tensors,
        ...(deviceBytes !== undefined && { deviceBytes }),
      };
    },
    trim: () => {
      for (const session of open()) session.trim?.();
    },
    dispose: () => home.leave(),
  };
}

/** A step that is compiled where the states are that it runs on. */
function compileWherever<Outputs extends string>(
  candidates: readonly Candidate[],
  step: Step<Outputs>,
  signature: StepSignature,
  eager: string,
  options: ChoiceOptions,
): CompiledStep<Outputs> {
  const forms = new Map<BackendSession, Promise<CompiledStep<Outputs>>>();
  const on = (session: BackendSession) => {
    const form = forms.get(session) ?? session.compile(step, signature);
    forms.set(session, form);
    return form;
  };
  const off = (session: BackendSession) => {
    const form = forms.get(session);
    forms.delete(session);
    form?.then((compiled) => compiled.dispose()).catch(() => undefined);
  };
  return {
    run: async (resident, inputs, key, onDevice) =>
      movingStateOf(resident).use(async (place) => {
        if (place.settled) return (await on(place.session)).run(place.state, inputs, key, onDevice);
        const made = onDevice && madeOnce(onDevice);
        try {
          await settle(place, candidates, { signature, inputs, key, onDevice: made?.inputs, on, off }, options);
          await tf.setBackend(eager); // sessions that were opened meanwhile took eager ops to themselves
          return await (await on(place.session)).run(place.state, inputs, key, made?.inputs);
        } finally {
          made?.dispose();
        }
      }),
    dispose: () => {
      for (const session of [...forms.keys()]) off(session);
    },
  };
}

/** Inputs that may be made several times, once for each run that is timed. */
function madeOnce(onDevice: DeviceInputs): { readonly inputs: DeviceInputs; dispose(): void } {
  const made = Object.entries(tf.tidy(() => ({ ...onDevice.make() })));
  const make = () => Object.fromEntries(made.map(([name, tensor]) => [name, tf.clone(tensor)]));
  const dispose = () => {
    for (const [, tensor] of made) tensor.dispose();
  };
  return { inputs: { specs: onDevice.specs, make }, dispose };
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? known.reduce((total, value) => total + value, 0) : undefined;
}

function requireDifferent(backends: readonly Backend[]): void {
  const names = backends.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new UnlabelError('DUPLICATE_NAME', `Two of the backends are called '${twice}'.`, {
    fix: 'Choices are remembered by name: give one of them another, { ...backend, name }.',
  });
}

function requireRounds(rounds: number): void {
  if (Number.isInteger(rounds) && rounds >= 1) return;
  throw new UnlabelError('INVALID_OPTION', `rounds is ${rounds}.`, { fix: 'Give a whole number from 1.' });
}
