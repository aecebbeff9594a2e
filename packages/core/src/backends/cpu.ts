import type { Backend } from '../backend';
import { openEagerSession } from './eager';

/** tfjs's plain JavaScript backend: slow, runs everywhere, and the reference that other backends are held against. */
export function cpu(): Backend {
  return {
    name: 'cpu',
    probe: async () => ({ available: true, detail: 'plain JavaScript, one thread' }),
    open: async () => {
      await import('@tensorflow/tfjs-backend-cpu');
      return openEagerSession('cpu', 'cpu');
    },
  };
}
