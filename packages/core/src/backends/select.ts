import type { Availability, Backend } from '../backend';
import { UnlabelError } from '../errors';

/** The backend that was picked and why the ones before it were not. */
export interface SelectedBackend {
  readonly backend: Backend;
  /** Device, version, threads, and what was passed over. */ readonly why: string;
}

/**
 * Picks the first backend that works here; one that emulates a GPU on the CPU only where no other does.
 * @param backends best first
 * @throws UnlabelError `BACKEND_UNAVAILABLE` when none does, with every reason and fix
 */
export async function selectBackend(backends: readonly Backend[]): Promise<SelectedBackend> {
  const passed: Passed[] = [];
  for (const backend of backends) {
    const found = await backend.probe();
    if (found.available && !found.software) return chosen(backend, found.detail, passed);
    passed.push({ backend, found });
  }
  for (const { backend, found } of passed) {
    if (found.available) {
      const others = passed.filter((other) => other.backend !== backend);
      return chosen(backend, found.detail, others);
    }
  }
  const fixes = passed.flatMap(({ found }) => (found.available ? [] : [found.fix]));
  const reasons = passed.map(reasonOf).join(', ');
  throw new UnlabelError('BACKEND_UNAVAILABLE', `No backend works here: ${reasons || 'none was offered'}.`, {
    fix: fixes.length > 0 ? fixes.join(' ') : 'Give at least one, such as cpu().',
  });
}

type Passed = { readonly backend: Backend; readonly found: Availability };

function chosen(backend: Backend, detail: string, passed: readonly Passed[]): SelectedBackend {
  const before = passed.length > 0 ? `; not ${passed.map(reasonOf).join(', not ')}` : '';
  return { backend, why: `${detail}${before}` };
}

function reasonOf({ backend, found }: Passed): string {
  return `${backend.name} (${(found.available ? found.detail : found.reason).replace(/\.$/, '')})`;
}
