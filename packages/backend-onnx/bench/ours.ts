import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { encodeSafetensors } from '@unlabel/core';
import { embeddingWorkload } from './embedding';
import type { Prepared, Ran } from './protocol';
import { isRowName, type Row, rows } from './rows';
import { leftOut, trainingWorkload } from './training';

/** Our side of the comparison, in a process of its own; `protocol.ts` says what it reads and writes. */
const { values } = parseArgs({
  options: {
    row: { type: 'string', default: '' },
    threads: { type: 'string', default: '1' },
    tensors: { type: 'string' },
    without: { type: 'string', default: '' },
  },
});
if (!isRowName(values.row)) throw new Error(`There is no row ${values.row}.`);
const row: Row = rows[values.row];
if (values.without && row.measures === 'embedding') throw new Error('Passes are left out of training steps only.');
const threads = Number(values.threads);
const { without, microBatch } = leftOut(values.without);
const { parameters, startup, tensors, run } =
  row.measures === 'step'
    ? await trainingWorkload(row, { threads, thread: 'main', without }, microBatch) // in one process, as PyTorch
    : await embeddingWorkload(row, threads);
if (values.tensors) writeFileSync(values.tensors, encodeSafetensors(tensors));
say({ parameters, startup });

for await (const line of createInterface({ input: process.stdin })) {
  const answer: Ran = { wall: [], processor: [], check: [], peakMegabytes: 0 };
  for (let left = Number(line); left > 0; left--) {
    const before = process.cpuUsage();
    const started = performance.now();
    answer.check.push(await run());
    answer.wall.push(performance.now() - started);
    const { user, system } = process.cpuUsage(before);
    answer.processor.push((user + system) / 1000);
  }
  say({ ...answer, peakMegabytes: process.resourceUsage().maxRSS / 1024 });
}

function say(answer: Prepared | Ran): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
