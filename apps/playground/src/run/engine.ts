import type { BackendSession, RunStore } from '@unlabel/core';
import { type OpenedBackend, openBackend } from './backends';
import { failureOf } from './failure';
import type { OpenRun } from './openRun';
import type { Notice, ShownEvent } from './protocol';
import type { Settings } from './settings';
import { train } from './train';

/** What trains: a backend, and at most one run that is going. */
export interface Engine {
  /** The backend of these settings, opened if it is not. @throws UnlabelError `BACKEND_UNAVAILABLE` */
  session(settings: Settings): Promise<BackendSession>;
  /** Trains until the last step, {@link halt} or an error, and tells the page of all that happens. */
  go(run: OpenRun, resume: boolean): void;
  /** Ends training after the present update, with a checkpoint. */ halt(): Promise<void>;
  readonly going: boolean;
  /** Opens the backend anew when it is needed next, for something else has made another the active one. */ reopen(): void;
}

/** @param store where runs are kept */
export function openEngine(store: RunStore, notify: (notice: Notice) => void): Engine {
  let backend: { readonly opened: OpenedBackend; readonly asked: string } | undefined;
  let going: { readonly controller: AbortController; readonly ended: Promise<void> } | undefined;

  const session = async ({ backend: choice, encoder }: Settings) => {
    const asked = `${choice} for ${encoder}`;
    if (backend?.asked !== asked) {
      await backend?.opened.session.dispose();
      const onEngine = (name: string) => notify({ type: 'backend', name, note: undefined });
      backend = { asked, opened: await openBackend(choice, encoder, onEngine) };
      const { name, note } = backend.opened;
      notify({ type: 'backend', name, note });
    }
    return backend.opened.session;
  };

  const work = async (run: OpenRun, resume: boolean, signal: AbortSignal) => {
    try {
      notify({ type: 'status', status: 'running' });
      const onEvent = (event: ShownEvent) => notify({ type: 'event', event });
      const finished = await train(run, { session: await session(run.settings), store, resume, signal, onEvent });
      notify({ type: 'status', status: finished ? 'finished' : 'paused' });
    } catch (error) {
      backend = undefined; // what failed may be the device
      notify({ type: 'failure', failure: failureOf(error) });
      notify({ type: 'status', status: 'paused' });
    }
  };

  return {
    session,
    go: (run, resume) => {
      const controller = new AbortController();
      const ended = work(run, resume, controller.signal).finally(() => {
        going = undefined;
      });
      going = { controller, ended };
    },
    halt: async () => {
      going?.controller.abort();
      await going?.ended;
    },
    reopen: () => {
      backend = undefined;
    },
    get going() {
      return going !== undefined;
    },
  };
}
