import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { isRowName, type RowName, rows } from './rows';
import { trainingWorkload } from './training';

const stepRows = Object.entries(rows).flatMap(([name, { measures }]) => (measures === 'step' ? [name] : []));
const usage = `How long a process that trains keeps others waiting: the delay of its event loop while steps run on the main thread and
in a worker, and what the worker costs. The two take turns.
  --rows NAMES  comma-separated, of ${stepRows.join(', ')} (default vit,quickstart,mlp)
  --rounds N    turns that each place gets (default 5)
  --steps N     steps in a turn (default 5)
  --threads N   of ONNX Runtime (default: one for each processor)`;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: 'vit,quickstart,mlp' },
    rounds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '5' },
    threads: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean', default: false },
  },
});

/** Figures of one place for steps: milliseconds. */
interface Turn {
  readonly steps: readonly number[];
  readonly delays: { readonly median: number; readonly p99: number; readonly max: number };
}

const resolution = 10; // milliseconds between two looks at the loop, which the histogram counts in; looking costs steps time

if (values.help) console.log(usage);
else await compareAll();

async function compareAll(): Promise<void> {
  console.log('| row | steps run on | step, median | min | event loop delay, median | 99 % | longest |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const name of values.rows.split(',')) {
    if (!isRowName(name)) throw new Error(`There is no row ${name}. Known: ${Object.keys(rows).join(', ')}.`);
    await compareThreads(name);
  }
}

async function compareThreads(name: RowName): Promise<void> {
  const threads = Number(values.threads);
  const sides = [];
  for (const thread of ['main', 'worker'] as const) {
    const { run } = await trainingWorkload(rows[name], { threads, thread });
    const turns: Turn[] = [];
    sides.push({ thread, run, turns });
  }
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const { run, turns } of sides) turns.push(await turnOf(run));
  }
  for (const { thread, turns } of sides) {
    const steps = turns.flatMap((turn) => turn.steps).sort((a, b) => a - b);
    const delay = (of: keyof Turn['delays']) => turns.map(({ delays }) => delays[of]).sort((a, b) => a - b);
    const figures = [
      steps[Math.floor(steps.length / 2)],
      steps[0],
      delay('median')[Math.floor(turns.length / 2)],
      delay('p99')[Math.floor(turns.length / 2)],
      delay('max').at(-1),
    ];
    console.log(`| ${name} | ${thread} | ${figures.map((figure) => `${(figure ?? 0).toFixed(1)} ms`).join(' | ')} |`);
  }
}

/** Some steps, with an eye on the event loop. */
async function turnOf(run: () => Promise<number>): Promise<Turn> {
  await run();
  const steps: number[] = [];
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  for (let left = Number(values.steps); left > 0; left--) {
    const started = performance.now();
    await run();
    steps.push(performance.now() - started);
  }
  histogram.disable();
  const milliseconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution);
  const [median, p99, max] = [histogram.percentile(50), histogram.percentile(99), histogram.max].map(milliseconds);
  return { steps, delays: { median: median ?? 0, p99: p99 ?? 0, max: max ?? 0 } };
}
