import type { Availability, Backend } from '../backend';
import { UnlabelError } from '../errors';

/** The backend that was picked and why the ones before it were not. */
export interface SelectedBackend {
  readonly backend: Backend;
  /** Device, version, threads, and what was passed over. */ readonly why: string;
}

/**
 * Picks the first backend that works here.
 * @param backends best first
 * @throws UnlabelError `BACKEND_UNAVAILABLE` when none does, with every reason and fix
 */
export async function selectBackend(backends: readonly Backend[]): Promise<SelectedBackend> {
  const passed: string[] = [];
  const fixes: string[] = [];
  for (const backend of backends) {
    const availability: Availability = await backend.probe();
    if (availability.available) {
      const before = passed.length > 0 ? `; not ${passed.join(', not ')}` : '';
      return { backend, why: `${availability.detail}${before}` };
    }
    passed.push(`${backend.name} (${availability.reason.replace(/\.$/, '')})`);
    fixes.push(availability.fix);
  }
  throw new UnlabelError('BACKEND_UNAVAILABLE', `No backend works here: ${passed.join(', ') || 'none was offered'}.`, {
    fix: fixes.length > 0 ? fixes.join(' ') : 'Give at least one, such as cpu().',
  });
}
