import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { loadPlugin } from './loadPlugin';

let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'unlabel-project-'));
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), text);
}

const source = `
  const options = { safeParse: (data) => ({ success: true, data }) };
  const definition = { kind: 'callback', name: 'quiet', contract: 1, options, summary: 'Says nothing.' };
  export const plugin = { name: 'unlabel-plugin-quiet', definitions: [definition] };
`;

test('finds an installed package through its exports, also from a folder below the project', async () => {
  const exports = { '.': { types: './quiet.d.ts', import: './quiet.js' } };
  await write('node_modules/unlabel-plugin-quiet/package.json', JSON.stringify({ type: 'module', exports }));
  await write('node_modules/unlabel-plugin-quiet/quiet.js', source);
  const { definitions } = await loadPlugin('unlabel-plugin-quiet', join(project, 'configs'));
  expect(definitions.map(({ name }) => name)).toEqual(['quiet']);
});

test('finds a scoped package that only has main', async () => {
  await write('node_modules/@me/quiet/package.json', JSON.stringify({ type: 'module', main: 'lib.js' }));
  await write('node_modules/@me/quiet/lib.js', source);
  expect((await loadPlugin('@me/quiet', project)).name).toBe('unlabel-plugin-quiet');
});

test('a path names a file of the project', async () => {
  await write('quiet.mjs', source);
  expect((await loadPlugin('./quiet.mjs', project)).name).toBe('unlabel-plugin-quiet');
});

test('a package that is not installed gets the install command', async () => {
  await expect(loadPlugin('unlabel-plugin-missing', project)).rejects.toMatchObject({
    code: 'PLUGIN_NOT_FOUND',
    fix: 'Run: npm install unlabel-plugin-missing',
  });
});

test.each([
  ['has no plugin export', 'export const answer = 42;'],
  ['has a plugin of another shape', 'export const plugin = { name: "x", definitions: [{ kind: "callback" }] };'],
  ['has a schema that is none', source.replace('options, summary', 'options: {}, summary')],
  ['throws while it is imported', 'throw new Error("boom");'],
])('a module that %s is refused', async (_, text) => {
  await write('broken.mjs', text);
  await expect(loadPlugin('./broken.mjs', project)).rejects.toMatchObject({ code: 'PLUGIN_INVALID' });
});
