// The share of a run's time that watching it takes: the quickstart's run, with collapse monitor, kNN and linear probe after
// every epoch and, as it comes, after every third. Build first, then: npm run bench:online -- [--epochs 6]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({ options: { epochs: { type: 'string', default: '6' } } });
const command = fileURLToPath(new URL('../../cli/dist/main.js', import.meta.url));

/** What each watcher says at the end of a run that it took of it. */
function sharesOf(every) {
  const folder = mkdtempSync(join(tmpdir(), 'unlabel-online-'));
  const settings = [
    'evaluation.online=[knn, probe]',
    `evaluation.every=${every}`,
    'evaluation.evaluators=[knn]',
    'report=false',
  ];
  const assignments = settings.flatMap((setting) => ['--set', setting]);
  const args = [command, 'quickstart', '--epochs', flags.epochs, '--out', folder, ...assignments];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const events = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
  rmSync(folder, { recursive: true });
  const reports = events.map((line) => JSON.parse(line)).filter(({ figures }) => figures?.timeShare !== undefined);
  return Object.fromEntries(reports.map(({ source, figures }) => [source, figures.timeShare])); // the last one counts
}

console.log(
  `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}; ${flags.epochs} epochs of the quickstart`,
);
for (const every of [1, 3]) {
  const shares = Object.entries(sharesOf(every));
  const percent = shares.map(([source, share]) => `${source} ${(100 * share).toFixed(1)} %`).join(', ');
  const all = shares.reduce((sum, [, share]) => sum + share, 0);
  console.log(
    `after every ${every === 1 ? 'epoch' : `${every} epochs`}: ${percent}; together ${(100 * all).toFixed(1)} %`,
  );
}
