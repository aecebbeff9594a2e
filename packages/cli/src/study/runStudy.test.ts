import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { startUnlabel, unlabel } from '../unlabelProcess';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'unlabel-study-'));
  await writeFile(join(cwd, 'base.yaml'), base);
});

const base = `
data: { dataset: fashion-mnist, range: [0, 64] }
views: { name: small-image, size: 8 }
encoder: { name: resnet, stem: small-image, blocks: [1], widths: [4], strides: [4] }
objective: { name: simclr, temperature: 0.2, projector: [8] }
training: { epochs: 1, batchSize: 32, workers: 0 }
evaluation: { bank: { range: [0, 500] }, test: { range: [9900, 10000] }, evaluators: [{ name: knn, k: 3 }], every: 0, pixelSize: 4 }
`;
const study = (more: string) => `title: Try | this\nbase: base.yaml\nquality: knn.accuracy\n${more}`;
const run = async (text: string) => {
  await writeFile(join(cwd, 'study.yaml'), study(text));
  return unlabel(['study', 'study.yaml'], { cwd });
};
const results = async () => JSON.parse(await readFile(join(cwd, 'runs', 'study', 'study.json'), 'utf8'));

test('runs that fail are shown with their error and do not end the others; those that have finished are not run again', async () => {
  // The bank of the second setting has no images: its process fails when it opens them.
  const axes = 'axes: { bank: { good: {}, bad: { evaluation.bank.range: [9999, 20000] } } }\ncorrelate: true\n';
  const first = await run(`${axes}seeds: [0, 1]\nparallel: 2`);
  expect(first.stderr.match(/^\[\d\/4\] good, seed \d: finished, knn\.accuracy \d+\.\d\d %$/gm)).toHaveLength(2);
  expect(first.stderr.match(/^\[\d\/4\] bad, seed \d: failed: .*INVALID_OPTION.*20000/gm)).toHaveLength(2);
  expect(first.stdout).toMatch(/^good +\d+\.\d\d ± \d+\.\d\d +\d+\.\d ± \d+\.\d .* 2$/m);
  expect(first.stdout).toMatch(/^bad +– .*0 of 2, 2 failed$/m);
  expect(first.code).toBe(1);
  const { combinations, correlations } = await results();
  expect(combinations[0].figures['knn, k 3.accuracy'].values).toHaveLength(2);
  expect(combinations[1].runs[0]).toMatchObject({ state: 'failed', error: expect.stringContaining('INVALID_OPTION') });
  expect(correlations.map(({ criterion }: { criterion: string }) => criterion)).toContain('RankMe of features');
  const markdown = await readFile(join(cwd, 'runs', 'study', 'study.md'), 'utf8');
  expect(markdown).toContain('# Try | this');
  expect(markdown).toMatch(/^\| good \| \d+\.\d\d ± /m);
  expect(await readFile(join(cwd, 'runs', 'study', 'study.html'), 'utf8')).toContain('Quality against collapse');

  const again = await run(`${axes}seeds: [0, 1]\nexclude: [{ bank: bad }]`);
  expect(again.stderr.match(/had finished/g)).toHaveLength(2);
  expect(again.code).toBe(0);
});

test('a study that is ended goes on where it was, with the same result as if it had not been', async () => {
  const long = 'set: { training.epochs: 30, training.checkpointEvery: 2 }\n';
  await writeFile(join(cwd, 'study.yaml'), study(long));
  const { child, ended } = startUnlabel(['study', 'study.yaml'], { cwd });
  const checkpoints = join(cwd, 'runs', 'study', 'try-this', 'seed-0', 'checkpoints');
  const started = async () =>
    (await readdir(checkpoints).catch(() => [])).some((name) => name.endsWith('.safetensors'));
  await expect.poll(started, { timeout: 60_000, interval: 50 }).toBe(true);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stdout: expect.stringContaining('The same command goes on.') });
  expect((await results()).combinations[0].runs[0].state).toBe('unfinished');
  const resumed = await run(long);
  expect(resumed.stderr).toMatch(/^\[1\/1\] Try \| this, seed 0: finished/m);
  const { combinations } = await results();
  const whole = await unlabel(['study', 'study.yaml', '--out', 'whole'], { cwd });
  expect(whole.code).toBe(0);
  const unbroken = JSON.parse(await readFile(join(cwd, 'whole', 'study.json'), 'utf8')).combinations;
  expect(combinations[0].figures).toEqual(unbroken[0].figures);
}, 120_000);

test('settings that no config knows are told before anything runs, and runs of other settings are not taken for its own', async () => {
  const unknown = await run('axes: { rate: { high: { training.learningrate: 1 } } }');
  expect(unknown.stderr).toContain("There is no key 'training.learningrate'. Did you mean 'training.learningRate'?");
  expect(await readdir(cwd)).not.toContain('runs');
  expect((await run('')).code).toBe(0);
  const changed = await run('set: { training.learningRate: 0.1 }');
  expect(changed.stderr).toContain('holds a run of other settings');
  expect(changed.code).toBe(1);
});

test('the plan can be looked at without running it', async () => {
  await writeFile(join(cwd, 'study.yaml'), study('axes: { t: { low: { objective.temperature: 0.1 } } }'));
  const { stdout } = await unlabel(['study', 'study.yaml', '--plan'], { cwd });
  expect(stdout.trim().split('\n')).toEqual([
    'low/seed-0',
    '  objective.temperature=0.1',
    '  training.seed=0',
    '  report=false',
  ]);
});
