import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { z } from 'zod';

/** How a process is started. */
export interface Command {
  /** What tables and errors call it. */ readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment, or taken from it where undefined. */ readonly env?: Readonly<
    Record<string, string | undefined>
  >;
}

/** A process that is spoken to in lines. */
export interface LineProcess {
  /** The next line that it writes, JSON; undefined when it has ended well instead. */
  hear<T>(schema: z.ZodType<T>): Promise<T | undefined>;
  say(line: string): void;
  /** Ends its input, on which it ends itself. */ close(): void;
}

/** Starts a process. What it writes to its standard error is shown when it fails. */
export function startProcess({ name, file, args, env }: Command): LineProcess {
  const child = spawn(file, [...args], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const complaints: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    hear: async (schema) => {
      const { value, done } = await lines.next();
      if (!done) return schema.parse(JSON.parse(value));
      await ended;
      if (child.exitCode === 0) return undefined;
      throw new Error(`${name} failed.\n${complaints.join('')}`);
    },
    say: (line) => child.stdin.write(`${line}\n`),
    close: () => child.stdin.end(),
  };
}
