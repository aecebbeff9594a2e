import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, type Contender, startContender } from './contender';
import type { Ran } from './protocol';
import { type Precision, type RowName, rows } from './rows';
import { median } from './statistics';
import { type Torch, torchCommands } from './torch';

/** How much is measured. */
export interface CompareOptions {
  /** Turns that each side gets. */ readonly rounds: number;
  /** Steps in a turn. */ readonly steps: number;
  /** Of ONNX Runtime. */ readonly threads: number;
  /** PyTorch, where the comparison has another side. */ readonly torch: Torch | undefined;
}

/** What one side needed. */
export interface Side {
  readonly name: string;
  /** Milliseconds a step. */ readonly median: number;
  /** Milliseconds of the fastest step. */ readonly min: number;
  /** Milliseconds of processor time a step, median. */ readonly processor: number;
  /** Largest resident memory, MB. */ readonly peakMegabytes: number;
  /** At the first step. */ readonly firstCheck: number;
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

/** Measures a row: our side, and PyTorch's best configuration in turns with it, once for each precision. */
export async function compareRow(name: RowName, options: CompareOptions): Promise<readonly Comparison[]> {
  const folder = await mkdtemp(join(tmpdir(), 'unlabel-bench-'));
  const tensors = join(folder, 'tensors.safetensors');
  try {
    const results: Comparison[] = [];
    for (const precision of options.torch ? rows[name].precisions : (['float32'] as const)) {
      results.push(await compareOnce(name, precision, tensors, options));
    }
    return results;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compareOnce(
  row: RowName,
  precision: Precision,
  tensors: string,
  options: CompareOptions,
): Promise<Comparison> {
  const { torch, rounds, steps } = options;
  const ours = await entrant(oursCommand(row, tensors, options));
  const entrants = [ours];
  try {
    const theirs = torch && (await race(torchCommands(torch, rows[row], precision, tensors)));
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

async function entrant(command: Command): Promise<Entrant> {
  const contender = await startContender(command);
  return { contender, first: await contender.run(warmUp), turns: [] };
}

function oursCommand(row: RowName, tensors: string, { threads, torch }: CompareOptions): Command {
  const file = fileURLToPath(new URL('./ours.js', import.meta.url));
  const save = torch ? ['--tensors', tensors] : [];
  return {
    name: `ONNX Runtime, ${threads} threads`,
    file: process.execPath,
    args: [file, '--row', row, '--threads', String(threads), ...save],
  };
}

/** The fastest of several configurations, which has taken no turns yet. */
async function race(commands: readonly Command[]): Promise<Entrant | undefined> {
  const entrants: Entrant[] = [];
  try {
    for (const command of commands) entrants.push(await entrant(command));
    await takeTurns(entrants, 2, 3);
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
  const { contender } = theirs;
  const [own, other] = [ours.contender.prepared.parameters, contender.prepared.parameters];
  if (own !== other) throw new Error(`We train ${own} parameters, but PyTorch ${other}.`);
  const tolerance = precision === 'float32' ? 1e-3 : 3e-2;
  for (const [step, loss] of ours.first.check.entries()) {
    const theirLoss = theirs.first.check[step] ?? Number.NaN;
    if (Math.abs(loss - theirLoss) <= tolerance * Math.abs(theirLoss)) continue;
    throw new Error(`At step ${step} we compute ${loss}, but PyTorch ${theirLoss}: the models differ.`);
  }
}
