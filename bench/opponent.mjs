import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * A process that answers lines with lines of JSON. What the environment says to OpenBLAS is left out: it must choose kernels
 * for this processor itself.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [more] added to the environment
 */
export function startOpponent(file, args, more = {}) {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env;
  const child = spawn(file, args, { env: { ...env, ...more }, stdio: ['pipe', 'pipe', 'inherit'] });
  const missing = once(child, 'error').then(() => ({ done: true }));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    /** The next line, or undefined when the process has ended, or there is none such. */
    hear: async () => {
      const { value, done } = await Promise.race([lines.next(), missing]);
      return done ? undefined : JSON.parse(value);
    },
    /** @param {string} line */
    say: (line) => child.stdin.write(`${line}\n`),
    close: () => child.stdin.end(),
  };
}
