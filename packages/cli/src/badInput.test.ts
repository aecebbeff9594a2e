import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type Ended, unlabel } from './unlabelProcess';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'unlabel-cli-'));
});

const config = {
  data: { dataset: 'fashion-mnist', range: [0, 32] },
  views: 'small-image',
  encoder: { name: 'resnet', stem: 'small-image', blocks: [1], widths: [4], strides: [4] },
  objective: { name: 'simclr', temperature: 0.2 },
  training: { epochs: 1, batchSize: 16 },
  out: 'run',
};

async function pretrain(change: object, ...flags: readonly string[]): Promise<Ended> {
  await writeFile(join(cwd, 'config.yaml'), stringify({ ...config, ...change }));
  return unlabel(['pretrain', 'config.yaml', ...flags], { cwd });
}

function expectError(ended: Ended, code: string, ...parts: readonly (string | RegExp)[]): void {
  expect(ended.stderr).toMatch(new RegExp(`^error ${code}: `, 'm'));
  for (const part of parts) expect(ended.stderr).toMatch(part);
  expect(ended.stderr).not.toMatch(/^\s+at .*:\d+/m); // no stack
  expect(ended.code).toBe(1);
}

test('an unknown key names the nearest and where it stands', async () => {
  expectError(
    await pretrain({ training: { epoch: 3 } }),
    'CONFIG_INVALID',
    "'training.epoch'",
    "Did you mean 'training.epochs'",
  );
});

test('an unknown option of a method names the nearest', async () => {
  const objective = { name: 'simclr', temprature: 0.5 };
  expectError(await pretrain({ objective }), 'CONFIG_INVALID', "Did you mean 'objective.temperature'");
});

test('a value of another type says what was given and what is needed', async () => {
  expectError(
    await pretrain({ training: { epochs: 'ten' } }),
    'CONFIG_INVALID',
    'training.epochs is "ten" (text); it needs a number',
  );
});

test.each([
  ['objective', 'simcrl', 'simclr'],
  ['encoder', 'resnt', 'resnet'],
  ['backend', 'onxx', 'onnx'],
])('an unknown %s suggests the nearest', async (kind, name, nearest) => {
  expectError(await pretrain({ [kind]: name }), 'UNKNOWN_NAME', `Did you mean '${nearest}'`);
});

test('a config that is not YAML says where', async () => {
  await writeFile(join(cwd, 'config.yaml'), 'data: [1, 2');
  expectError(await unlabel(['pretrain', 'config.yaml'], { cwd }), 'CONFIG_INVALID', /line 1/);
});

test('a config that does not exist is named', async () => {
  expectError(await unlabel(['pretrain', 'nowhere.yaml'], { cwd }), 'CONFIG_INVALID', 'nowhere.yaml');
});

test('a plugin that is not installed gets the install command', async () => {
  expectError(
    await pretrain({ plugins: ['unlabel-plugin-none'] }),
    'PLUGIN_NOT_FOUND',
    'npm install unlabel-plugin-none',
  );
});

test('a folder without images', async () => {
  await mkdir(join(cwd, 'photos'));
  expectError(
    await pretrain({ data: { dataset: { name: 'image-folder', root: 'photos' } } }),
    'DATASET_EMPTY',
    'photos',
  );
});

test('a batch larger than the data set', async () => {
  expectError(await pretrain({ training: { epochs: 1, batchSize: 64 } }), 'BATCH_TOO_LARGE', /64/, /32/);
});

test('an image size that the patch does not divide', async () => {
  const encoder = { name: 'vit', patchSize: 5, dim: 8, depth: 1, heads: 2 };
  expectError(await pretrain({ encoder }), 'INVALID_OPTION', /28/, /5/);
});

test('a label file of another length', async () => {
  await writeFile(join(cwd, 'images.idx'), Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9));
  await writeFile(join(cwd, 'labels.idx'), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 0));
  const dataset = { name: 'idx', images: 'images.idx', labels: 'labels.idx' };
  expectError(await pretrain({ data: { dataset } }), 'LABELS_MISMATCH', /3 labels for 2 images/);
});

test('evaluation of data without labels is refused before training', async () => {
  await writeFile(join(cwd, 'images.idx'), await grey(40));
  const data = { dataset: { name: 'idx', images: 'images.idx' } };
  const ended = await pretrain({ data, evaluation: { test: {}, evaluators: ['knn'] } });
  expectError(ended, 'LABELS_MISSING');
  expect(ended.stderr).not.toContain('epoch 1/1');
});

test('a folder that is no run', async () => {
  expectError(await unlabel(['embed', '.', 'fashion-mnist', '--out', 'f.npy'], { cwd }), 'RUN_FOLDER_INVALID');
});

test('features in a format that there is not, before anything is read', async () => {
  expectError(await unlabel(['embed', 'nowhere', 'x', '--out', 'f.csv'], { cwd }), 'INVALID_OPTION', '.parquet');
});

test('a command that there is not, exit code 2', async () => {
  const { code, stderr } = await unlabel(['pretrian'], { cwd });
  expect(stderr).toContain('Did you mean pretrain?');
  expect(code).toBe(2);
});

/** An IDX file of `count` images of 28 × 28 pixels, from the shipped ones. */
async function grey(count: number): Promise<Uint8Array> {
  const header = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28);
  const pixels = Uint8Array.from({ length: count * 784 }, (_, index) => (index * 2654435761) >>> 24);
  return Uint8Array.from([...header, ...pixels]);
}
