import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { type Prepared, prepared, type Ran, ran } from './protocol';

/** How one side of the comparison is started. */
export interface Command {
  /** What the table calls it. */ readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment. */ readonly env?: Readonly<Record<string, string>>;
}

/** A process that keeps its model and runs steps of it when asked. */
export interface Contender {
  readonly name: string;
  readonly prepared: Prepared;
  run(steps: number): Promise<Ran>;
  close(): void;
}

/** Starts a process and waits until its model is ready. */
export async function startContender({ name, file, args, env }: Command): Promise<Contender> {
  const child = spawn(file, [...args], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(schema: z.ZodType<T>): Promise<T> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended early.\n${complaints.join('')}`);
    return schema.parse(JSON.parse(value));
  };
  return {
    name,
    prepared: await answer(prepared),
    run: (steps) => {
      child.stdin.write(`${steps}\n`);
      return answer(ran);
    },
    close: () => child.stdin.end(),
  };
}
