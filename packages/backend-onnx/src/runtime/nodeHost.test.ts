import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { onnx } from '../onnx';
import { differences, type Trained, train } from '../trainingFixture';

interface Printed {
  readonly probed: { readonly available: boolean; readonly reason?: string; readonly fix?: string };
  readonly trained?: Trained;
}

const runtime = join(dirname(fileURLToPath(import.meta.resolve('onnxruntime-node'))), '..');
const softwareGpu = ['/usr/lib/chromium', '/opt/google/chrome'].find((folder) =>
  existsSync(join(folder, 'vk_swiftshader_icd.json')),
);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unlabel-runtime-'));
  await build({
    entryPoints: [join(import.meta.dirname, 'runFixture.ts')],
    outfile: join(folder, 'main.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@unlabel/source'],
    external: ['onnxruntime-node'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
});

/** Runs the bundle where `modules` are all that is installed. */
async function ran(modules: Readonly<Record<string, string>>, args: readonly string[] = [], env: object = {}) {
  const place = await mkdtemp(join(folder, 'place-'));
  await cp(join(folder, 'main.mjs'), join(place, 'main.mjs'));
  await mkdir(join(place, 'node_modules'));
  for (const [name, path] of Object.entries(modules))
    await symlink(path, join(place, 'node_modules', name), 'junction');
  const child = spawn(process.execPath, ['main.mjs', ...args], { cwd: place, env: { ...process.env, ...env } });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  const [line] = output.split('\n').filter((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(output + errors);
  const printed: Printed = JSON.parse(line);
  return printed;
}

/** onnxruntime-node as it is installed, with a binary of this content, or without one. */
async function runtimeWith(binary: string | undefined): Promise<Readonly<Record<string, string>>> {
  const copy = await mkdtemp(join(folder, 'onnxruntime-node-'));
  for (const part of ['package.json', 'dist']) await cp(join(runtime, part), join(copy, part), { recursive: true });
  const place = join(copy, 'bin/napi-v6', process.platform, process.arch);
  await mkdir(join(copy, 'node_modules'));
  await symlink(join(runtime, '../onnxruntime-common'), join(copy, 'node_modules/onnxruntime-common'), 'junction');
  await mkdir(place, { recursive: true });
  if (binary !== undefined) await writeFile(join(place, 'onnxruntime_binding.node'), binary);
  return { 'onnxruntime-node': copy };
}

test('without onnxruntime-node, the backend says how to install it', async () => {
  const { probed } = await ran({});
  expect(probed).toMatchObject({
    available: false,
    reason: 'onnxruntime-node is not installed.',
    fix: expect.stringContaining('npm install onnxruntime-node'),
  });
});

test('without a binary for this platform, it says where there are some', async () => {
  const { probed } = await ran(await runtimeWith(undefined));
  expect(probed).toMatchObject({
    available: false,
    reason: `onnxruntime-node has no binary for ${process.platform} on ${process.arch}.`,
    fix: expect.stringContaining('macOS (arm64)'),
  });
});

test('with a binary that does not load, it says why', async () => {
  const { probed } = await ran(await runtimeWith('not a binary'));
  expect(probed).toMatchObject({ available: false, reason: expect.stringContaining('could not be loaded') });
});

test('with onnxruntime-node it is available, and trains', async () => {
  const { probed, trained } = await ran({ 'onnxruntime-node': runtime }, ['cpu', 'mlp']);
  expect(probed.available).toBe(true);
  expect(trained && differences(await train(onnx({ threads: 2 }), 'mlp'), trained, 1e-6)).toEqual([]);
});

// Elsewhere, no variable hides a GPU or gives one.
test.skipIf(process.platform !== 'linux')('WebGPU that finds no GPU does not start, with the reason', async () => {
  const hidden = { VK_ICD_FILENAMES: '/dev/null', VK_DRIVER_FILES: '/dev/null' };
  const { probed } = await ran({ 'onnxruntime-node': runtime }, ['webgpu'], hidden);
  expect(probed).toMatchObject({ available: false, reason: expect.stringContaining("'webgpu' did not start") });
});

test.skipIf(process.platform !== 'linux' || !softwareGpu).each(['resnet', 'vit'])(
  '%s: WebGPU trains it as the CPU does',
  { timeout: 120_000 },
  async (encoder) => {
    const gpu = { LD_LIBRARY_PATH: softwareGpu, VK_ICD_FILENAMES: join(softwareGpu ?? '', 'vk_swiftshader_icd.json') };
    const { trained } = await ran({ 'onnxruntime-node': runtime }, ['webgpu', encoder], gpu);
    expect(trained && differences(await train(onnx({ threads: 2 }), encoder), trained, 1e-3)).toEqual([]);
  },
);
