import type { Backend, BackendOptions, BackendSession } from '../backend';

/** A backend that works here. Its session is open while it is used. */
export interface Candidate {
  readonly name: string;
  /** As its `probe` has it. */ readonly detail: string;
  /** Opens the session, or takes the one that is open. Each call is made good by one of `leave`. */
  enter(): Promise<BackendSession>;
  /** Disposes of the session when nobody else is in it. */ leave(): Promise<void>;
  /** The session if it is open. */ session(): BackendSession | undefined;
}

/** A candidate whose session is not open yet. */
export function candidateOf(backend: Backend, detail: string, options: BackendOptions = {}): Candidate {
  let users = 0;
  let opening: Promise<BackendSession> | undefined;
  let session: BackendSession | undefined;
  return {
    name: backend.name,
    detail,
    session: () => session,
    enter: async () => {
      opening ??= backend.open(options);
      try {
        session = await opening;
      } catch (error) {
        opening = undefined;
        throw error;
      }
      users++;
      return session;
    },
    leave: async () => {
      users--;
      if (users > 0) return;
      const last = session;
      opening = undefined;
      session = undefined;
      await last?.dispose();
    },
  };
}
