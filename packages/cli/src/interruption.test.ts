import { readdirSync, watch } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { folderStore, loadKeptCheckpoint } from '@unlabel/core';
import { beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { startUnlabel, unlabel } from './unlabelProcess';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'unlabel-cli-'));
  await writeFile(join(cwd, 'config.yaml'), stringify(config));
  await mkdir(join(cwd, 'run', 'checkpoints'), { recursive: true });
});

const config = {
  data: { dataset: 'fashion-mnist', range: [0, 64] },
  views: 'small-image',
  encoder: { name: 'resnet', stem: 'small-image', blocks: [1], widths: [4], strides: [4] },
  objective: { name: 'simclr', temperature: 0.2 },
  training: { epochs: 200, batchSize: 16, checkpointEvery: 1 },
  report: false,
  out: 'run',
};

/** Waits until a file of the run's checkpoints folder is called so. */
function untilCheckpoint(name: RegExp): Promise<void> {
  return untilFile(name, join(cwd, 'run', 'checkpoints'));
}

async function untilFile(name: RegExp, folder: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const watcher = watch(folder, () => {
      if (!readdirSync(folder).some((file) => name.test(file))) return;
      watcher.close();
      resolve();
    });
  });
}

/** What the best checkpoint holds. */
async function kept() {
  const { facts, state } = await loadKeptCheckpoint(folderStore(join(cwd, 'run')), 'best');
  return { value: Number(facts?.value), names: Object.keys(state) };
}

async function checkpoints(): Promise<readonly string[]> {
  return readdirSync(join(cwd, 'run', 'checkpoints')).filter((name) => name.endsWith('.safetensors'));
}

test('Ctrl-C saves, exits with 130 and prints a command that goes on from there', async () => {
  const { child, ended } = startUnlabel(['pretrain', 'config.yaml'], { cwd });
  await untilCheckpoint(/step-00000002\.safetensors$/);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  expect(stderr).toContain('press Ctrl-C again');
  expect(code).toBe(130);
  const [, step] = /Stopped after step (\d+)/.exec(stdout) ?? [];
  expect((await checkpoints()).at(-1)).toBe(`step-${step?.padStart(8, '0')}.safetensors`);
  const [, command = ''] = /^ {2}unlabel (.*)$/m.exec(stdout) ?? [];

  const again = startUnlabel(command.split(' '), { cwd });
  await untilCheckpoint(new RegExp(`step-0*${Number(step) + 1}\\.safetensors$`));
  again.child.kill('SIGINT');
  expect((await again.ended).code).toBe(130);
});

test('Ctrl-C while an evaluator trains ends it; resuming goes straight to the measurement', async () => {
  const slow = { name: 'fine-tune', perClass: 2, draws: 2, epochs: 100_000 };
  const evaluation = { bank: { range: [0, 100] }, test: { range: [100, 120] }, evaluators: ['knn', slow] };
  const brief = { ...config, training: { epochs: 1, batchSize: 16 }, evaluation };
  await writeFile(join(cwd, 'config.yaml'), stringify(brief));
  const { child, ended } = startUnlabel(['pretrain', 'config.yaml'], { cwd });
  await untilFile(/^encoder\.onnx$/, join(cwd, 'run'));
  await setTimeout(1500); // by then it trains, though it ends before the next evaluator, too
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  expect(code).toBe(130);
  expect(stdout).toContain('Stopped after step 4; everything up to there is saved.');
  const [, command = ''] = /^ {2}unlabel (.*)$/m.exec(stdout) ?? [];

  const resumed = await unlabel([...command.split(' '), '--set', 'evaluation.evaluators=[knn]'], { cwd });
  expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining('trained encoder') });
});

test('kill -9 in the middle of a save loses nothing that was saved', async () => {
  const { child, ended } = startUnlabel(['pretrain', 'config.yaml'], { cwd });
  await untilCheckpoint(/step-0000000[3-9]\.safetensors\.partial$/);
  child.kill('SIGKILL');
  expect((await ended).signal).toBe('SIGKILL');
  const before = await checkpoints();
  expect(before.length).toBeGreaterThan(0);

  const again = startUnlabel(['pretrain', 'config.yaml', '--resume'], { cwd });
  await untilCheckpoint(/step-000000[1-9]\d\.safetensors$/);
  again.child.kill('SIGINT');
  expect((await again.ended).code).toBe(130);
  const steps = (await readFile(join(cwd, 'run', 'metrics.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const trained = steps.filter(({ type }) => type === 'step').map(({ step }) => step);
  expect(trained).toEqual(trained.map((_, index) => index + 1)); // each step once, none missing
});

test('a run that was killed goes on with the best so far, which only a better moment replaces', async () => {
  // With views that are hard to tell apart at first, the mean loss of an epoch is largest early on.
  const flags = ['pretrain', 'config.yaml', '--set', 'training.keepBest={ by: loss, mode: max }'];
  const { child, ended } = startUnlabel(flags, { cwd });
  await untilCheckpoint(/^best\.safetensors$/);
  await untilCheckpoint(/step-0000001\d\.safetensors$/);
  child.kill('SIGKILL');
  expect((await ended).signal).toBe('SIGKILL');
  const before = await kept();

  const again = startUnlabel([...flags, '--resume'], { cwd });
  await untilCheckpoint(/step-0000003\d\.safetensors$/);
  again.child.kill('SIGINT');
  expect((await again.ended).code).toBe(130);
  const after = await kept();
  const events = (await readFile(join(cwd, 'run', 'metrics.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const losses = events.filter(({ type }) => type === 'epoch').map(({ meanLoss }) => meanLoss);
  expect(losses.length).toBeGreaterThan(6);
  expect(after.value).toBe(Math.max(...losses));
  expect(after.value).toBeGreaterThanOrEqual(before.value);
  expect(after.names.some((name) => name.startsWith('encoder/'))).toBe(true);
});

test('resuming with another config names what changed and the way out', async () => {
  const { child, ended } = startUnlabel(['pretrain', 'config.yaml'], { cwd });
  await untilCheckpoint(/step-00000001\.safetensors$/);
  child.kill('SIGINT');
  await ended;
  const resumed = await unlabel(['pretrain', 'config.yaml', '--resume', '--set', 'objective.temperature=0.5'], { cwd });
  expect(resumed.code).toBe(1);
  expect(resumed.stderr).toMatch(/error RESUME_MISMATCH: .*objective\.temperature \(was 0\.2, is 0\.5\)/);
  expect(resumed.stderr).toMatch(/saved configuration|another folder/);
});

test('a folder that holds a run is not written over', async () => {
  const { child, ended } = startUnlabel(['pretrain', 'config.yaml'], { cwd });
  await untilCheckpoint(/step-00000001\.safetensors$/);
  child.kill('SIGINT');
  await ended;
  const before = await checkpoints();
  const { code, stderr } = await unlabel(['pretrain', 'config.yaml'], { cwd });
  expect(stderr).toMatch(/error RUN_FOLDER_INVALID: run already holds a run\.\n {2}Add --resume/);
  expect(code).toBe(1);
  expect(await checkpoints()).toEqual(before);
});

test.skipIf(process.platform === 'win32')('a disk that takes no more names the last whole checkpoint', async () => {
  const small = startUnlabel(['pretrain', 'config.yaml'], { cwd });
  await untilCheckpoint(/step-00000002\.safetensors$/);
  small.child.kill('SIGINT');
  await small.ended;
  const whole = (await checkpoints()).at(-1) ?? '';
  // The system refuses to let any file grow past 4 KiB: the write fails half-way, as on a full disk.
  const { code, stderr } = await unlabel(['pretrain', 'config.yaml', '--resume'], { cwd, shell: 'ulimit -f 8' });
  expect(stderr).toMatch(/error CHECKPOINT_WRITE_FAILED: /);
  expect(stderr).toContain(whole);
  expect(code).toBe(1);
  expect(await checkpoints()).toContain(whole);
});
