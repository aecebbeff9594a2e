import type { StepSignature } from '../backend';

/** Keeps which backend was the fastest. */
export interface ChoiceMemory {
  /** The backend's name, if there is a choice under the key. */ read(key: string): Promise<string | undefined>;
  write(key: string, backend: string): Promise<void>;
}

/** What a choice depends on: devices and versions, as probes have them, and the shapes that the step is compiled for. */
export async function choiceKey(details: readonly string[], signature: StepSignature): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify([details, signature]));
  const hash = await crypto.subtle.digest('SHA-256', text);
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A memory that ends with the process. */
export function processMemory(): ChoiceMemory {
  const choices = new Map<string, string>();
  return {
    read: async (key) => choices.get(key),
    write: async (key, backend) => void choices.set(key, backend),
  };
}

const database = 'unlabel';
const table = 'fastest backends';

/** The page's own, in pages and in workers, or nothing where there is no IndexedDB. */
export function browserMemory(): ChoiceMemory | undefined {
  if (typeof indexedDB === 'undefined') return undefined;
  const within = async <T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const opening = indexedDB.open(database);
    opening.onupgradeneeded = () => opening.result.createObjectStore(table);
    const opened = await done(opening);
    try {
      return await done(act(opened.transaction(table, mode).objectStore(table)));
    } finally {
      opened.close();
    }
  };
  return {
    read: async (key) => {
      const found: unknown = await within('readonly', (store) => store.get(key));
      return typeof found === 'string' ? found : undefined;
    },
    write: async (key, backend) => void (await within('readwrite', (store) => store.put(backend, key))),
  };
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
