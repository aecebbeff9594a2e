import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, type Contender, startContender } from './contender';
import { type Opponent, opponentCommands, oursCommand, type RowSetting } from './opponent';
import type { Ran } from './protocol';
import { type Precision, type RowName, rows } from './rows';
import { median } from './statistics';

/** How much is measured, and against whom. */
export interface CompareOptions {
  /** Turns that each side gets. */ readonly rounds: number;
  /** Steps in a turn. */ readonly steps: number;
  /** Of ONNX Runtime. */ readonly threads: number;
  /** None: our side is measured alone. */ readonly opponent: Opponent | undefined;
}

/** What one side needed. */
export interface Side {
  readonly name: string;
  /** Milliseconds a step. */ readonly median: number;
  /** Milliseconds of the fastest step. */ readonly min: number;
  /** Milliseconds of processor time a step, median. */ readonly processor: number;
  /** Largest resident memory, MB. */ readonly peakMegabytes: number;
  /** Loss, or mean size of a feature, at the first step. */ readonly firstCheck: number;
  /** At the last. */ readonly lastCheck: number;
}

/** One line of the table. */
export interface Comparison {
  readonly row: RowName;
  readonly precision: Precision;
  readonly parameters: number;
  /** Milliseconds until our first step could run. */ readonly startup: number;
  readonly ours: Side;
  readonly theirs?: Side;
}

const warmUp = 2;

/** Measures a row: our side and the other in turns, once for each precision that PyTorch has. */
export async function compareRow(row: RowName, options: CompareOptions): Promise<readonly Comparison[]> {
  const folder = await mkdtemp(join(tmpdir(), 'unlabel-bench-'));
  const precisions: readonly Precision[] = options.opponent?.kind === 'torch' ? rows[row].precisions : ['float32'];
  try {
    const results: Comparison[] = [];
    for (const precision of precisions) {
      const tensors = join(folder, 'tensors.safetensors');
      results.push(await compareOnce({ row, precision, tensors, threads: options.threads }, options));
    }
    return results;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compareOnce(setting: RowSetting, options: CompareOptions): Promise<Comparison> {
  const { opponent, rounds, steps } = options;
  const { row, precision } = setting;
  const ours = await enter(oursCommand(setting));
  const entrants = [ours];
  try {
    const theirs = opponent && (await race(opponentCommands(opponent, setting)));
    if (theirs) {
      entrants.push(theirs);
      requireSameWork(ours, theirs, precision);
    }
    await takeTurns(entrants, rounds, steps);
    const { parameters, startup = Number.NaN } = ours.contender.prepared;
    const result = { row, precision, parameters, startup, ours: sideOf(ours) };
    return theirs ? { ...result, theirs: sideOf(theirs) } : result;
  } finally {
    for (const { contender } of entrants) contender.close();
  }
}

/** A process, its first steps, and the turns that counted. */
interface Entrant {
  readonly contender: Contender;
  readonly first: Ran;
  readonly turns: Ran[];
}

async function enter(command: Command): Promise<Entrant> {
  const contender = await startContender(command);
  return { contender, first: await contender.run(warmUp), turns: [] };
}

/** The fastest of several configurations, which has taken no turns yet. */
async function race(commands: readonly Command[]): Promise<Entrant | undefined> {
  const entrants: Entrant[] = [];
  try {
    for (const command of commands) entrants.push(await enter(command));
    if (entrants.length > 1) await takeTurns(entrants, 2, 3);
  } catch (error) {
    for (const { contender } of entrants) contender.close();
    throw error;
  }
  const [best, ...others] = entrants.toSorted((a, b) => sideOf(a).median - sideOf(b).median);
  for (const { contender } of others) contender.close();
  return best && { ...best, turns: [] };
}

async function takeTurns(entrants: readonly Entrant[], rounds: number, steps: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const { contender, turns } of entrants) turns.push(await contender.run(steps));
  }
}

function sideOf({ contender, first, turns }: Entrant): Side {
  const wall = turns.flatMap((turn) => turn.wall);
  return {
    name: contender.name,
    median: median(wall),
    min: Math.min(...wall),
    processor: median(turns.flatMap((turn) => turn.processor)),
    peakMegabytes: Math.max(...turns.map((turn) => turn.peakMegabytes)),
    firstCheck: first.check[0] ?? Number.NaN,
    lastCheck: turns.at(-1)?.check.at(-1) ?? Number.NaN,
  };
}

/** Both sides begin with the same weights and views, so they must agree on the first loss, and on the next. */
function requireSameWork(ours: Entrant, theirs: Entrant, precision: Precision): void {
  const { name, prepared } = theirs.contender;
  const { parameters } = ours.contender.prepared;
  if (parameters !== prepared.parameters) {
    throw new Error(`We train ${parameters} parameters, but ${name} ${prepared.parameters}.`);
  }
  const tolerance = precision === 'float32' ? 1e-3 : 3e-2;
  for (const [step, loss] of ours.first.check.entries()) {
    const theirLoss = theirs.first.check[step] ?? Number.NaN;
    if (Math.abs(loss - theirLoss) <= tolerance * Math.abs(theirLoss)) continue;
    throw new Error(`At step ${step} we compute ${loss}, but ${name} ${theirLoss}: the models differ.`);
  }
}
