import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Comparison, compareRow } from './compare';
import { isRowName, type RowName, rows } from './rows';
import { table } from './table';
import { findTorch, type Torch } from './torch';

const usage = `Times training steps and exported encoders here and in PyTorch, in turns.
  --rows NAMES    comma-separated; of ${Object.keys(rows).join(', ')} (default: all)
  --rounds N      turns that each side gets (default 5)
  --steps N       steps in a turn (default 4)
  --threads N     of ONNX Runtime (default: one for each processor)
  --only ours     leave PyTorch out
  --python FILE   the Python to look for PyTorch in
  --json FILE     save the figures
  --profile FILE  no comparison: ONNX Runtime's profile of the first row, summed; FILE gets its trace`;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: Object.keys(rows).join() },
    rounds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '4' },
    threads: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string' },
    python: { type: 'string' },
    json: { type: 'string' },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [rounds, steps, threads] = [Number(values.rounds), Number(values.steps), Number(values.threads)];

if (values.help) console.log(usage);
else if (values.profile) {
  const { profileRow } = await import('./profile');
  for (const row of chosenRows().slice(0, 1))
    console.log(await profileRow(row, { steps, threads, file: values.profile }));
} else await compare();

async function compare(): Promise<void> {
  const torch = values.only === 'ours' ? undefined : await findTorch(values.python);
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} processors. ${sidesOf(torch)}`);
  const comparisons: Comparison[] = [];
  for (const row of chosenRows()) {
    console.error(`${row} …`);
    comparisons.push(...(await compareRow(row, { rounds, steps, threads, torch })));
  }
  console.log(table(comparisons));
  if (values.json) {
    const machine = { processor: cpus()[0]?.model, processors: availableParallelism(), node: process.version };
    writeFileSync(
      values.json,
      `${JSON.stringify({ machine, torch: torch?.version, rounds, steps, comparisons }, undefined, 2)}\n`,
    );
  }
}

function chosenRows(): readonly RowName[] {
  return values.rows.split(',').map((name) => {
    if (isRowName(name)) return name;
    throw new Error(`There is no row ${name}.\n${usage}`);
  });
}

function sidesOf(torch: Torch | undefined): string {
  if (torch) return `PyTorch ${torch.version} (${torch.python}).`;
  return values.only === 'ours' ? 'Our side alone.' : 'No Python that can import torch was found: our side alone.';
}
