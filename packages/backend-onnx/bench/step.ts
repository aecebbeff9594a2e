import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Comparison, compareRow } from './compare';
import type { Opponent } from './opponent';
import { isRowName, precisions, type RowName, rows } from './rows';
import { table } from './table';
import { findTorch } from './torch';

const usage = `Times training steps and exported encoders, here and in PyTorch in turns.
  --rows NAMES     comma-separated, of ${Object.keys(rows).join(', ')} (default: all)
  --rounds N       turns that each side gets (default 5)
  --steps N        steps in a turn (default 4)
  --threads N      of ONNX Runtime (default: one for each processor)
  --precision NAME of PyTorch, float32 or bfloat16 (default: float32, in some rows both)
  --only ours      leave the other side out
  --without NAMES  instead of PyTorch, ourselves with these passes (or microBatch) left out, comma-separated
  --baseline FILE  instead of PyTorch, ourselves as built before: a copy of bench/dist/ours.js in that folder
  --python FILE    the Python to look for PyTorch in
  --json FILE      save the figures
  --profile FILE   no comparison: where the time of the first row goes; FILE gets ONNX Runtime's trace`;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: Object.keys(rows).join() },
    rounds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '4' },
    threads: { type: 'string', default: String(availableParallelism()) },
    precision: { type: 'string' },
    only: { type: 'string' },
    without: { type: 'string' },
    baseline: { type: 'string' },
    python: { type: 'string' },
    json: { type: 'string' },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const chosen = rowsNamed(values.rows);
const precision = precisions.find((name) => name === values.precision);
if (values.precision && !precision) refuse(`There is no precision ${values.precision}.`);
const [rounds, steps, threads] = [Number(values.rounds), Number(values.steps), Number(values.threads)];

if (values.help) console.log(usage);
else if (values.profile) await profile(values.profile);
else await compare();

async function compare(): Promise<void> {
  const opponent = await chooseOpponent();
  const machine = { processor: cpus()[0]?.model ?? 'unknown processor', processors: availableParallelism() };
  console.log(
    `${machine.processor}, ${machine.processors} processors, Node ${process.version}. ${described(opponent)}`,
  );
  const comparisons: Comparison[] = [];
  for (const row of chosen) {
    console.error(`${row} …`);
    comparisons.push(...(await compareRow(row, { rounds, steps, threads, opponent, precision })));
  }
  console.log(table(comparisons, opponent?.kind === 'torch' ? 'PyTorch' : 'other'));
  if (values.json) {
    const figures = { machine, node: process.version, opponent, rounds, steps, comparisons };
    writeFileSync(given(values.json), `${JSON.stringify(figures, undefined, 2)}\n`);
  }
}

async function profile(file: string): Promise<void> {
  const { profileRow } = await import('./profile');
  const [row] = chosen;
  if (row) console.log(await profileRow(row, { steps, threads, file: given(file), without: values.without }));
}

async function chooseOpponent(): Promise<Opponent | undefined> {
  if (values.only === 'ours') return undefined;
  if (values.only) return refuse("--only takes 'ours'.");
  if (values.without) return { kind: 'without', passes: values.without };
  if (values.baseline) return { kind: 'baseline', file: given(values.baseline) };
  const torch = await findTorch(values.python);
  return torch && { kind: 'torch', torch };
}

function rowsNamed(names: string): readonly RowName[] {
  return names.split(',').map((name) => {
    if (isRowName(name)) return name;
    return refuse(`There is no row ${name}.`);
  });
}

function described(opponent: Opponent | undefined): string {
  if (opponent?.kind === 'torch') return `PyTorch ${opponent.torch.version} (${opponent.torch.python}).`;
  if (opponent) return 'Both sides are ours.';
  return values.only === 'ours' ? 'Our side alone.' : 'No Python that can import torch was found: our side alone.';
}

function refuse(message: string): never {
  console.error(`${message}\n\n${usage}`);
  process.exit(1);
}

/** A path as the caller wrote it: npm runs scripts in the package's folder. */
function given(path: string): string {
  return resolve(process.env.INIT_CWD ?? '', path);
}
