// Runs the quickstart with several seeds, one after the other, and prints what each reached and the means, as a table
// for the README. After `npm run build`: npm run bench:quickstart -- --seeds 3 [--set training.epochs=5 …]
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from './process.mjs';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '3' }, set: { type: 'string', multiple: true, default: [] } },
});

/** @typedef {{ features: string, figures: Record<string, { accuracy: number }> }} Measured */
/** @typedef {{ trainingSeconds: number, waitedSeconds: number, steps: number, evaluation: Measured[] }} Report */

/** @type {Report[]} */
const reports = [];
const folder = await mkdtemp(join(tmpdir(), 'unlabel-quickstart-'));
for (let seed = 0; seed < Number(values.seeds); seed++) {
  const out = join(folder, `seed-${seed}`);
  const set = values.set.map((assignment) => `--set '${assignment}'`).join(' ');
  const { status, output } = await run(
    `node packages/cli/dist/main.js quickstart --seed ${seed} --out ${out} --set report=false ${set}`,
  );
  if (status !== 0) throw new Error(output);
  reports.push(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
}

const mean = (/** @type {number[]} */ numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const percent = (/** @type {number} */ share) => (100 * share).toFixed(2);
const [first] = reports;
const titles = Object.keys(first?.evaluation[0]?.figures ?? {});
console.log(`| features | ${titles.map((title) => `${title}: seeds`).join(' | ')} |`);
console.log(`|---|${titles.map(() => '---').join('|')}|`);
for (const [row, { features }] of (first?.evaluation ?? []).entries()) {
  const cells = titles.map((title) => {
    const shares = reports.map((report) => report.evaluation[row]?.figures[title]?.accuracy ?? Number.NaN);
    return `${shares.map(percent).join(', ')}; mean ${percent(mean(shares))}`;
  });
  console.log(`| ${features} | ${cells.join(' | ')} |`);
}
const seconds = reports.map(({ trainingSeconds }) => trainingSeconds);
const rate = reports.map(({ steps, trainingSeconds }) => (1000 * trainingSeconds) / steps);
console.log(
  `\nTraining seconds: ${seconds.map((value) => value.toFixed(0)).join(', ')}; ms a step, everything counted: ${rate.map((value) => value.toFixed(0)).join(', ')}.`,
);
