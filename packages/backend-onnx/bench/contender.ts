import type { z } from 'zod';
import { type Command, startProcess } from './lineProcess';
import { prepared, type Ran, ran } from './protocol';
import { median } from './statistics';

/** A process that keeps its model and takes turns with others. */
export interface Contender {
  readonly command: Command;
  readonly parameters: number;
  /** Milliseconds until its first step could run; only our side says it. */ readonly startup: number | undefined;
  /** Its first steps, which do not count. */ readonly first: Ran;
  /** Those that do. */ readonly turns: readonly Ran[];
  takeTurn(steps: number): Promise<void>;
  close(): void;
}

const warmUp = 2;

/** Starts a process, waits until its model is ready, and has it run its first steps. */
export async function startContender(command: Command): Promise<Contender> {
  const { hear, say, close } = startProcess(command);
  const answer = async <T>(schema: z.ZodType<T>): Promise<T> => {
    const line = await hear(schema);
    if (line) return line;
    throw new Error(`${command.name} ended early.`);
  };
  const run = (steps: number) => {
    say(String(steps));
    return answer(ran);
  };
  const { parameters, startup } = await answer(prepared);
  const first = await run(warmUp);
  const turns: Ran[] = [];
  const takeTurn = async (steps: number) => {
    turns.push(await run(steps));
  };
  return { command, parameters, startup, first, turns, takeTurn, close };
}

/** Lets contenders run so many steps each, one after the other, so many times. */
export async function takeTurns(contenders: readonly Contender[], rounds: number, steps: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const { takeTurn } of contenders) await takeTurn(steps);
  }
}

/** The fastest of several ways to do the same; the others are ended. */
export async function race(commands: readonly Command[]): Promise<Contender | undefined> {
  const contenders: Contender[] = [];
  try {
    for (const command of commands) contenders.push(await startContender(command));
    if (contenders.length > 1) await takeTurns(contenders, 2, 3);
  } catch (error) {
    for (const { close } of contenders) close();
    throw error;
  }
  const [best, ...others] = contenders.toSorted((a, b) => medianStep(a.turns) - medianStep(b.turns));
  for (const { close } of others) close();
  return best;
}

/** Milliseconds. */
export function medianStep(turns: readonly Ran[]): number {
  return median(turns.flatMap(({ wall }) => wall));
}
