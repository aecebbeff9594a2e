import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = await mkdtemp(join(tmpdir(), 'unlabel-onnx-'));
afterAll(() => rm(folder, { recursive: true }));

/** Runs the body of a module on the built packages, with a session and `run()`, which takes a second or so. */
async function runBuilt(body: string) {
  const built = (name: string) => JSON.stringify(new URL(`../../../${name}/dist/index.js`, import.meta.url).href);
  const script = join(folder, 'script.mjs');
  await writeFile(
    script,
    `import { hostTensor, tf } from ${built('core')};
     import { onnx } from ${built('backend-onnx')};
     const session = await onnx({ threads: 1 }).open();
     const inputs = { x: hostTensor(new Float32Array(1024 * 1024).fill(1 / 1024), [1024, 1024]) };
     const powers = ({ x }) => Array.from({ length: 40 }).reduce((product) => tf.matMul(product, x), x);
     const compiled = await session.compile(({ inputs }) => ({ outputs: { sum: tf.sum(powers(inputs)) } }), { state: {}, inputs });
     const state = await session.createState({});
     const run = async () => (await compiled.run(state, inputs, [0])).sum.data[0];
     ${body}`,
  );
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  const errors: string[] = [];
  child.stdout.on('data', (chunk) => output.push(String(chunk)));
  child.stderr.on('data', (chunk) => errors.push(String(chunk)));
  const [code, signal] = await once(child, 'close');
  return { code, signal, output: output.join('').trim(), errors: errors.join('') };
}

test('a session that was forgotten lets the process end', async () => {
  expect(await runBuilt("console.log('end');")).toMatchObject({ code: 0, output: 'end' });
});

test('a process lives until a step that was asked for is done', async () => {
  const ended = await runBuilt('run().then((sum) => console.log(Math.round(sum)));');
  expect(ended).toMatchObject({ code: 0, output: '1024' });
});

test('a process that ends in the middle of a step ends with its own exit code', async () => {
  expect(await runBuilt('run(); setTimeout(() => process.exit(5), 300);')).toMatchObject({ code: 5, signal: null });
});

test('an uncaught error in the middle of a step is what the process ends with', async () => {
  const ended = await runBuilt("run(); setTimeout(() => { throw new Error('no more'); }, 300);");
  expect(ended).toMatchObject({ code: 1, signal: null, errors: expect.stringContaining('no more') });
});

test('disposing in the middle of a step ends the thread when the step is done', async () => {
  const ended = await runBuilt(
    `const running = run().catch(({ code }) => console.log(code));
     setTimeout(async () => { await session.dispose(); await running; console.log('disposed of'); }, 300);`,
  );
  expect(ended).toMatchObject({ code: 0, output: 'ABORTED\ndisposed of' });
});
