import type { BackendSession, ResidentState } from '../backend';
import { UnlabelError } from '../errors';
import type { HostTensors } from '../hostTensor';
import type { Candidate } from './candidate';

/** State that may go to another backend. */
export interface MovingState extends ResidentState {
  /** Uses the state when everything that was asked of it before is done. */
  use<T>(act: (place: Place) => Promise<T>): Promise<T>;
}

/** Where a state is. */
export interface Place {
  candidate: Candidate;
  session: BackendSession;
  state: ResidentState;
  /** Whether a step has shown where it belongs. */ settled: boolean;
}

const states = new WeakMap<ResidentState, MovingState>();

/** @throws UnlabelError `VARIABLE_MISSING` for states of other backends */
export function movingStateOf(state: ResidentState): MovingState {
  const found = states.get(state);
  if (found) return found;
  throw new UnlabelError('VARIABLE_MISSING', 'The state belongs to a session of another backend.', {
    fix: 'Create it with createState of the session that compiled the step.',
  });
}

/** State that starts out on a candidate. */
export async function movingState(home: Candidate, initial: HostTensors): Promise<ResidentState> {
  const session = await home.enter();
  const place: Place = { candidate: home, session, state: await session.createState(initial), settled: false };
  let last: Promise<unknown> = Promise.resolve();
  let disposed = false;
  const use: MovingState['use'] = (act) => {
    const turn = last.then(() => act(place));
    last = turn.catch(() => undefined);
    return turn;
  };
  const state: MovingState = {
    specs: place.state.specs,
    use,
    read: (names) => use((now) => now.state.read(names)),
    write: (values) => use((now) => now.state.write(values)),
    dispose: () => {
      if (disposed) return;
      disposed = true;
      void use(async (now) => {
        now.state.dispose();
        await now.candidate.leave();
      });
    },
  };
  states.set(state, state);
  return state;
}

/** Takes the state to a candidate, where it stays. */
export async function move(place: Place, candidate: Candidate): Promise<void> {
  if (candidate !== place.candidate) {
    const session = await candidate.enter();
    const [left, state] = [place.candidate, await session.createState(await place.state.read())];
    place.state.dispose();
    Object.assign(place, { candidate, session, state });
    await left.leave();
  }
  place.settled = true;
}
