import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { evaluationView } from '@unlabel/augment';
import { readOnnxMetadata } from '@unlabel/backend-onnx';
import { decodeSafetensors, folderStore, loadKeptCheckpoint, randomStream } from '@unlabel/core';
import { fashionMnist, imageFolder } from '@unlabel/data';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { type Ended, unlabel } from './unlabelProcess';

// One tiny run on a folder of images; the other commands then use what it left.
let cwd: string;
let quickstart: Ended;
const tiny = [
  '--set=report=false',
  '--set=encoder={ name: resnet, stem: small-image, blocks: [1], widths: [8], strides: [4] }',
  '--set=views={ name: small-image, size: 16 }',
  '--set=training.batchSize=16',
  '--set=evaluation.evaluators=[{ name: knn, k: 3 }, { name: few-shot, perClass: 4, draws: 2 }]',
];
const watched = ['--set=evaluation.online=[knn, probe]', '--set=training.keepBest={ by: online-probe/accuracy }'];
const classes = ['bag', 'trouser'];
const perClass = 20;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'unlabel-cli-'));
  const dataset = await fashionMnist();
  for (const [label, name] of [
    [8, 'bag'],
    [1, 'trouser'],
  ] as const) {
    await mkdir(join(cwd, 'photos', name), { recursive: true });
    const chosen = [...(dataset.labels?.values ?? [])].flatMap((value, index) => (value === label ? [index] : []));
    for (const index of chosen.slice(0, perClass)) {
      await writeFile(join(cwd, 'photos', name, `${index}.png`), greyPng((await dataset.read(index)).data, 28));
    }
  }
  await writeFile(join(cwd, 'photos', 'bag', 'broken.png'), ''); // skipped and counted
  const flags = ['--data', 'photos', '--epochs', '2', '--out', 'run', ...tiny, ...watched, '--set=report=true'];
  quickstart = await unlabel(['quickstart', ...flags], { cwd });
}, 120_000);

test('the quickstart on a folder measures the encoder beside raw pixels and the untrained encoder, and says so in words', () => {
  expect(quickstart.stderr).toContain('2 folders are taken as classes');
  expect(quickstart.stderr).toMatch(/Backend \w+: /);
  expect(quickstart.stderr).toMatch(/^epoch 2\/2 .*images\/s .*kNN \d.*probe \d.*RankMe \d/m);
  expect(quickstart.stdout).toMatch(/^raw pixels, 16 × 16 +\d/m);
  expect(quickstart.stdout).toMatch(/^untrained encoder +\d/m);
  expect(quickstart.stdout).toMatch(/^trained encoder +\d+\.\d\d +\d+\.\d\d ± \d/m);
  expect(quickstart.stdout).toMatch(
    /^The (trained encoder is above the )?raw pixels, 16 × 16 (did as well or better )?on knn/m,
  );
  expect(quickstart.stdout).toMatch(/% waiting for data[\s\S]*peak memory \d+ MiB/);
  expect(quickstart.code).toBe(0);
});

test('an image that cannot be read is skipped, counted and named', () => {
  expect(quickstart.stdout).toMatch(/1 image could not be read: .*broken\.png/);
});

test('a run folder holds config, metrics, checkpoint, weights and report', async () => {
  const files = ['config.yaml', 'metrics.jsonl', 'checkpoints', 'encoder.onnx', 'encoder.safetensors', 'report.json'];
  for (const file of files) expect((await stat(join(cwd, 'run', file))).size).toBeGreaterThan(0);
  const report = JSON.parse(await readFile(join(cwd, 'run', 'report.json'), 'utf8'));
  expect(report.evaluation.map(({ features }: { features: string }) => features)).toEqual([
    'raw pixels, 16 × 16',
    'untrained encoder',
    'trained encoder',
  ]);
});

test('a run’s folder holds a report of one file: curves, a map with thumbnails, neighbours, views and the config', async () => {
  const page = await readFile(join(cwd, 'run', 'report.html'), 'utf8');
  expect(page).toContain('simclr on image-folder, 2 epochs');
  for (const section of ['Evaluation', 'Training', 'Map of the features', 'Nearest neighbours', 'What the model saw']) {
    expect(page).toContain(`>${section}</h2>`);
  }
  expect(page).toContain('trouser');
  expect(page).not.toMatch(/(src|href)="(?!#|data:)/);
});

test('report writes the page again, and each figure as SVG and PNG', async () => {
  await rm(join(cwd, 'run', 'report.html'));
  const { stdout, code } = await unlabel(['report', 'run', '--figures', 'figures'], { cwd });
  expect(stdout.trim()).toBe(join('run', 'report.html'));
  expect(await readFile(join(cwd, 'run', 'report.html'), 'utf8')).toContain('thumb thumb-');
  const figures = await readdir(join(cwd, 'figures'));
  expect(figures).toEqual(expect.arrayContaining(['loss.svg', 'loss.png', 'features-in-two-dimensions-umap.png']));
  expect(code).toBe(0);
});

test('compare puts runs side by side with intervals, and leaves out what is none', async () => {
  const { stdout, stderr, code } = await unlabel(['compare', 'run', 'photos', '--quality', 'knn.accuracy'], { cwd });
  expect(stdout).toMatch(/^run +simclr +\d+\.\d\d \[\d+\.\d, \d+\.\d\] .*(healthy|at risk|collapsed)/m);
  expect(stderr).toContain('Left out, for they hold no run: photos');
  expect(await readFile(join(cwd, 'comparison.html'), 'utf8')).toContain('Quality against collapse');
  expect(code).toBe(0);
  const none = await unlabel(['compare', 'photos'], { cwd });
  expect(none.stderr).toContain('RUN_FOLDER_INVALID');
  expect(none.code).toBe(1);
});

test('evaluate repeats the measurement from the run folder', async () => {
  const { stdout, code } = await unlabel(['evaluate', 'run'], { cwd });
  const figures = (text: string) => /^trained encoder +(.*)$/m.exec(text)?.[1];
  expect(figures(stdout)).toBe(figures(quickstart.stdout));
  expect(code).toBe(0);
});

test('the best moment by the online probe is kept, and evaluate and export take it instead of the end', async () => {
  const kept = await loadKeptCheckpoint(folderStore(join(cwd, 'run')), 'best');
  expect(kept.facts).toMatchObject({ by: 'online-probe/accuracy', mode: 'max' });
  const evaluated = await unlabel(['evaluate', 'run', '--checkpoint', 'best'], { cwd });
  expect(evaluated.stdout).toMatch(/^trained encoder +\d/m);
  const flags = ['--format', 'safetensors', '--checkpoint', 'best'];
  expect((await unlabel(['export', 'run', ...flags], { cwd })).stdout).toContain('run/encoder-best.safetensors');
  const { tensors, metadata } = decodeSafetensors(await readFile(join(cwd, 'run', 'encoder-best.safetensors')));
  expect(tensors['stem/conv/kernel']).toEqual(kept.state['encoder/stem/conv/kernel']);
  expect(metadata.encoder).toBe('resnet');
  const missing = await unlabel(['evaluate', 'run', '--checkpoint', 'worst'], { cwd });
  expect(missing.stderr).toMatch(/CHECKPOINT_NOT_FOUND|no checkpoint 'worst'/);
  expect(missing.code).not.toBe(0);
});

test('evaluate measures what the loss sees, too, and says in words whether anything has collapsed', async () => {
  const set = '--set=evaluation.evaluators=[geometry]';
  const { stdout, code } = await unlabel(['evaluate', 'run', '--projections', set], { cwd });
  expect(stdout).toMatch(/^trained encoder +featureStd \d/m);
  expect(stdout).toMatch(/^projections +featureStd \d.* directions \d/m);
  expect(stdout).toMatch(/^Of projections: Features have .*standard deviation/m);
  expect(code).toBe(0);
});

test('evaluators of views see several draws of the training recipe, and leave raw pixels out', async () => {
  const set = '--set=evaluation.evaluators=[{ name: lidar, objects: 6, views: 3 }, { name: alignment, objects: 8 }]';
  const [first, again] = [await evaluated('run', set), await evaluated('run', set)];
  expect(first.stdout).toMatch(/^raw pixels, 16 × 16 +– +–$/m);
  expect(first.stdout).toMatch(/^trained encoder +lidar \d\S* +alignment \d\S*, uniformity -\d/m);
  expect(first.stdout).toMatch(/^Warning \(lidar.*LiDAR of 6 samples cannot exceed 5/m);
  expect(again.stdout).toBe(first.stdout);
  expect(first.code).toBe(0);
});

test('evaluation refuses splits that share images, and more neighbours than there are, by code', async () => {
  const all = '{ range: [0, 20] }';
  const shared = await unlabel(['evaluate', 'run', `--set=evaluation.bank=${all}`, `--set=evaluation.test=${all}`], {
    cwd,
  });
  expect(shared.stderr).toMatch(/error SPLITS_OVERLAP: \d+ of \d+ test rows are in the bank/);
  const few = await evaluated('run', '--set=evaluation.evaluators=[{ name: knn, k: 500 }]');
  expect(few.stderr).toMatch(/error INVALID_OPTION: k is 500, but the bank has \d+ rows/);
  expect([shared.code, few.code]).toEqual([1, 1]);
});

function evaluated(run: string, set: string): Promise<Ended> {
  return unlabel(['evaluate', run, set], { cwd });
}

test('a best that nothing reports is refused before training', async () => {
  const flags = ['--data', 'photos', '--epochs', '1', '--out', 'unreported', ...tiny];
  const { stderr, code } = await unlabel(
    ['quickstart', ...flags, '--set=training.keepBest={ by: online-probe/accuracy }'],
    { cwd },
  );
  expect(stderr).toContain('what reports are collapse-monitor, online-knn');
  expect(code).not.toBe(0);
});

test('evaluate takes other data', async () => {
  const { stdout } = await unlabel(['evaluate', 'run', '--data', 'photos'], { cwd });
  expect(stdout).toMatch(/^trained encoder +\d/m);
});

test('embed writes one row for each readable image', async () => {
  const { stdout, code } = await unlabel(['embed', 'run', 'photos', '--out', 'features.npy'], { cwd });
  expect(stdout).toContain(`features.npy: ${2 * perClass} × 8`);
  expect(stdout).toContain('1 image could not be read');
  expect((await readFile(join(cwd, 'features.npy'))).toString('latin1')).toContain(`'shape': (${2 * perClass}, 8)`);
  expect(code).toBe(0);
});

test('embed names rows and classes in JSON lines', async () => {
  await unlabel(['embed', 'run', 'photos', '--out', 'features.jsonl'], { cwd });
  const rows = (await readFile(join(cwd, 'features.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect([...new Set(rows.map(({ label }) => label))].sort()).toEqual(classes);
  expect(rows[0].name).toMatch(/\.png$/);
  expect(rows[0].features).toHaveLength(8);
});

test('export writes the weights with what it takes to rebuild the encoder', async () => {
  await unlabel(['export', 'run', '--format', 'safetensors', '--out', 'shipped.safetensors', '--licence', 'MIT'], {
    cwd,
  });
  const { metadata, tensors } = decodeSafetensors(await readFile(join(cwd, 'shipped.safetensors')));
  expect(metadata).toEqual({
    encoder: 'resnet',
    input_shape: '[16,16,1]',
    output_dim: '8',
    mean: '[0.286]',
    std: '[0.353]',
    method: 'simclr',
    method_options: expect.stringContaining('"temperature"'),
    data_hash: expect.stringMatching(/^folder:41:/),
    licence: 'MIT',
  });
  expect(Object.keys(tensors)).toContain('stem/conv/kernel');
});

test('export tells other tools in the ONNX file all that the run folder knows', async () => {
  const flags = ['--licence', 'CC-BY-4.0', '--author', 'me', '--opset', '20', '--batch', '4', '--verify'];
  const out = ['--out', 'fixed.onnx'];
  const { stdout, code } = await unlabel(['export', 'run', ...flags, ...out], { cwd });
  expect(stdout).toContain('input [4, 16, 16, 1]');
  expect(stdout).toMatch(/features on batches of 4, to \de-[6-9] of the largest/);
  expect(code).toBe(0);
  const metadata = readOnnxMetadata(await readFile(join(cwd, 'fixed.onnx')));
  expect(metadata).toMatchObject({
    encoder: 'resnet',
    method: 'simclr',
    data_hash: expect.stringMatching(/^folder:41:/),
    model_license: 'CC-BY-4.0',
    model_author: 'me',
  });
  expect(JSON.parse(metadata.preprocessing ?? '')).toMatchObject({ mean: [0.286], image_size: [16, 16] });
  const written = readOnnxMetadata(await readFile(join(cwd, 'run', 'encoder.onnx')));
  const { model_license, model_author, ...known } = metadata;
  expect(written).toEqual(known);
});

test('export refuses what a format has no use for, and opsets that do not exist', async () => {
  const batch = await unlabel(['export', 'run', '--format', 'safetensors', '--batch', '4'], { cwd });
  expect(batch.stderr).toContain('--batch means nothing to safetensors files');
  expect((await unlabel(['export', 'run', '--opset', '9'], { cwd })).stderr).toContain('opset is 9');
});

test('the exported ONNX file gives the features that embed gives', async () => {
  await unlabel(['export', 'run', '--format', 'onnx', '--out', 'shipped.onnx'], { cwd });
  await unlabel(['embed', 'run', 'photos', '--out', 'features.jsonl'], { cwd });
  const [first] = (await readFile(join(cwd, 'features.jsonl'), 'utf8'))
    .split('\n')
    .map((line) => JSON.parse(line || 'null'));
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(join(cwd, 'shipped.onnx'));
  const dataset = await imageFolder(join(cwd, 'photos'));
  const view = evaluationView({ size: 16 });
  const index = Array.from({ length: dataset.length }, (_, at) => at).find(
    (at) => dataset.sampleName(at) === first.name,
  );
  const image = await dataset.read(index ?? 0);
  const input = new Float32Array(256);
  view.render(image, view.draw(randomStream(['test']), image), { 'views/0': input });
  const { features } = await session.run({ input: new Tensor('float32', input, [1, 16, 16, 1]) });
  const values = Array.from(features?.data ?? [], Number);
  const differences = values.map((value, at) => Math.abs(value - first.features[at]));
  expect(differences).toHaveLength(8);
  expect(Math.max(...differences)).toBeLessThan(1e-4);
});

test('a folder without subfolders gets figures of collapse only, and is told so', async () => {
  const flags = ['--data', 'photos/bag', '--epochs', '1', '--out', 'unlabelled', ...tiny.slice(0, 4)];
  const { stdout, stderr, code } = await unlabel(['quickstart', ...flags], { cwd });
  expect(stderr).toContain('no labels to measure with');
  expect(stdout).toMatch(/^trained encoder +rankMe \d.*featureStd \d/m);
  expect(code).toBe(0);
});

test('samples that do not fill a batch make a smaller one when asked to', async () => {
  const flags = ['--data', 'photos/bag', '--epochs', '2', '--out', 'rest', ...tiny.slice(0, 4)];
  const { code } = await unlabel(['quickstart', ...flags, '--set=training.dropLast=false'], { cwd });
  const metrics = await readFile(join(cwd, 'rest', 'metrics.jsonl'), 'utf8');
  expect(metrics.match(/"type":"step"/g)).toHaveLength(2 * 2); // 21 images, 16 in a batch
  expect(code).toBe(0);
});

test('a time is turned into a fixed number of epochs, so that the run can be repeated', async () => {
  const flags = ['--data', 'photos', '--minutes', '0.01', '--out', 'short', ...tiny];
  const { stderr, code } = await unlabel(['quickstart', ...flags], { cwd });
  const [, epochs] = /^epoch (\d+)\/\1 /m.exec(stderr) ?? [];
  expect(await readFile(join(cwd, 'short', 'config.yaml'), 'utf8')).toContain(`epochs: ${epochs}`);
  expect(code).toBe(0);
});

test('a plugin of the project is used by name', async () => {
  const folder = join(cwd, 'node_modules', 'unlabel-plugin-pairs');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', exports: './index.js' }));
  await writeFile(join(folder, 'index.js'), thirdPartyPlugin);
  const { stdout } = await unlabel(['list', 'evaluator', '--plugin', 'unlabel-plugin-pairs'], { cwd });
  expect(stdout).toMatch(/^evaluator +row-count +Counts rows\.$/m);
  const set = ['--set=plugins=[unlabel-plugin-pairs]', '--set=evaluation.evaluators=[row-count]'];
  const evaluated = await unlabel(['evaluate', 'run', ...set], { cwd });
  expect(evaluated.stdout).toMatch(/^trained encoder +rows 8\.000$/m);
});

test('views draws what a recipe or a config makes of images, whatever their size', async () => {
  const { stdout, code } = await unlabel(
    ['views', 'photos', '--recipe', 'dino', '--set=local.count=2', '--images=2', '--out=sheets/dino.png'],
    { cwd },
  );
  expect(stdout).toMatch(/^sheets\/dino\.png: 2 images and the views of dino, 856 × 544 pixels\.$/m);
  expect(code).toBe(0);
  const { data, info } = await sharp(join(cwd, 'sheets', 'dino.png'))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([856, 544, 3]);
  expect(new Set(data).size).toBeGreaterThan(100);
  const config = await unlabel(['views', 'run/config.yaml', '--images=1', '--seed=3', '--out=run.png'], { cwd });
  expect(config.stdout).toContain('1 image and the views of small-image');
  const again = await unlabel(['views', 'run/config.yaml', '--images=1', '--seed=3', '--out=again.png'], { cwd });
  expect(again.code).toBe(0);
  expect(await readFile(join(cwd, 'again.png'))).toEqual(await readFile(join(cwd, 'run.png')));
});

test('views refuses what it cannot draw before it reads an image', async () => {
  const refused = async (...flags: string[]) => (await unlabel(['views', 'photos', ...flags], { cwd })).stderr;
  expect(await refused('--recipe', 'dinos')).toContain("Did you mean 'dino'?");
  expect(await refused('--out', 'views.jpg')).toContain('ends in .png');
  expect(await refused('--set', 'sizes=3')).toContain('sizes');
});

test('list shows the options of one definition with their defaults', async () => {
  const { stdout } = await unlabel(['list', 'objective', 'simclr'], { cwd });
  expect(stdout).toContain(
    'Takes two views or more of an image. Holds (views · batch)² similarities. Steps can be captured.',
  );
  expect(stdout).toMatch(/^temperature +number +0\.5 /m);
  expect(stdout).toContain('https://arxiv.org/abs/2002.05709');
});

test('schema knows the options of every named part', async () => {
  const { stdout } = await unlabel(['schema'], { cwd });
  const { properties } = JSON.parse(stdout);
  const [names, ...withOptions] = properties.objective.anyOf;
  expect(names.enum).toContain('simclr');
  expect(
    withOptions.find((choice: { properties: { name: object } }) =>
      JSON.stringify(choice.properties.name).includes('"simclr"'),
    ).properties,
  ).toHaveProperty('temperature');
});

test('doctor says of each backend whether it works or how to get it', async () => {
  const { stdout, code } = await unlabel(['doctor'], { cwd });
  expect(stdout).toMatch(/^cpu +yes +\S/m);
  expect(stdout).toMatch(/^onnx +(yes|no) +\S/m);
  expect(stdout).toMatch(/^tensorflow-gpu +(yes|no) +\S/m);
  expect(code).toBe(0);
});

test('help loads the command alone: no tensors, no ONNX Runtime, no image library', async () => {
  const hooks = 'export const load = (url, context, next) => { process._rawDebug(url); return next(url, context); };';
  const register = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${hooks}`)});`;
  const { stdout, stderr } = await unlabel(['--help'], { cwd, node: ['--import', `data:text/javascript,${register}`] });
  expect(stdout).toContain('quickstart');
  expect(stderr).toContain('/dist/');
  expect(stderr).not.toMatch(/tensorflow|onnxruntime|sharp|zod|core\/dist/);
});

const thirdPartyPlugin = `
  const options = { safeParse: (data) => ({ success: true, data }), _zod: { def: { type: 'object', shape: {} } } };
  const rows = { name: 'row-count', evaluate: async (bank, test) => ({ rows: test.count }) };
  const definition = { kind: 'evaluator', name: 'row-count', summary: 'Counts rows.', contract: 1, options, load: async () => () => rows };
  export const plugin = { name: 'unlabel-plugin-pairs', definitions: [definition] };
`;

/** An 8-bit grey PNG of `size` × `size` pixels. */
function greyPng(pixels: Uint8Array, size: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const rows = Array.from({ length: size }, (_, row) => [0, ...pixels.subarray(row * size, (row + 1) * size)]);
  const parts = [
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Uint8Array.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...parts]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
