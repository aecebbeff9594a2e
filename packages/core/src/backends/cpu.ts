import type { Backend } from '../backend';
import { tf } from '../tf';
import { openEagerSession } from './eager';

/** tfjs's plain JavaScript backend: slow, runs everywhere, and the reference that other backends are held against. */
export function cpu(): Backend {
  return {
    name: 'cpu',
    probe: async () => ({ available: true, detail: 'plain JavaScript, one thread' }),
    open: async () => {
      await import('@tensorflow/tfjs-backend-cpu');
      const session = await openEagerSession('cpu', 'cpu');
      skipBanner();
      return session;
    },
  };
}

/** tfjs greets Node users at the first tensor and tells them to install another backend; `PROD` mutes its warnings. */
function skipBanner(): void {
  const muted = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  tf.scalar(0).dispose();
  tf.env().set('PROD', muted);
}
