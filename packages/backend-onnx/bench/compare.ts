import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Contender, medianStep, race, startContender, takeTurns } from './contender';
import { type Opponent, opponentCommands, oursCommand, type RowSetting } from './opponent';
import { type Precision, type RowName, rows } from './rows';
import { median } from './statistics';

/** How much is measured, and against whom. */
export interface CompareOptions {
  /** Turns that each side gets. */ readonly rounds: number;
  /** Steps in a turn. */ readonly steps: number;
  /** Of ONNX Runtime. */ readonly threads: number;
  /** Of PyTorch; those of the row unless given. */ readonly precision: Precision | undefined;
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

/** Measures a row: our side and the other in turns, once for each precision that PyTorch has. */
export async function compareRow(row: RowName, options: CompareOptions): Promise<readonly Comparison[]> {
  const folder = await mkdtemp(join(tmpdir(), 'unlabel-bench-'));
  const tensors = join(folder, 'tensors.safetensors');
  const chosen: readonly Precision[] = options.precision ? [options.precision] : rows[row].precisions;
  try {
    const results: Comparison[] = [];
    for (const precision of options.opponent?.kind === 'torch' ? chosen : (['float32'] as const)) {
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
  const ours = await startContender(oursCommand(setting));
  const contenders = [ours];
  try {
    const theirs = opponent && (await race(opponentCommands(opponent, setting)));
    if (theirs) {
      contenders.push(theirs);
      requireSameWork(ours, theirs, precision);
    }
    const raced = theirs?.turns.length ?? 0;
    await takeTurns(contenders, rounds, steps);
    const { parameters, startup = Number.NaN } = ours;
    const result = { row, precision, parameters, startup, ours: sideOf(ours) };
    return theirs ? { ...result, theirs: sideOf({ ...theirs, turns: theirs.turns.slice(raced) }) } : result;
  } finally {
    for (const { close } of contenders) close();
  }
}

function sideOf({ command, first, turns }: Contender): Side {
  return {
    name: command.name,
    median: medianStep(turns),
    min: Math.min(...turns.flatMap(({ wall }) => wall)),
    processor: median(turns.flatMap(({ processor }) => processor)),
    peakMegabytes: Math.max(...turns.map(({ peakMegabytes }) => peakMegabytes)),
    firstCheck: first.check[0] ?? Number.NaN,
    lastCheck: turns.at(-1)?.check.at(-1) ?? Number.NaN,
  };
}

/** Both sides begin with the same weights and views, so they must agree on the first loss, and on the next. */
function requireSameWork(ours: Contender, theirs: Contender, precision: Precision): void {
  const { name } = theirs.command;
  if (ours.parameters !== theirs.parameters) {
    throw new Error(`We train ${ours.parameters} parameters, but ${name} ${theirs.parameters}.`);
  }
  const tolerance = precision === 'float32' ? 1e-3 : 3e-2;
  for (const [step, loss] of ours.first.check.entries()) {
    const theirLoss = theirs.first.check[step] ?? Number.NaN;
    if (Math.abs(loss - theirLoss) <= tolerance * Math.abs(theirLoss)) continue;
    throw new Error(`At step ${step} we compute ${loss}, but ${name} ${theirLoss}: the models differ.`);
  }
}
