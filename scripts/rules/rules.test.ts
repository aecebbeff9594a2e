import { describe, expect, test } from 'vitest';
import { checkLayout } from './layout.mjs';
import { checkManifest } from './manifest.mjs';
import { checkSource } from './source.mjs';
import { checkText } from './text.mjs';

const manifest = {
  name: '@unlabel/losses-good',
  version: '1.0.0',
  description: 'Good losses.',
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=20.11' },
  exports: {
    '.': { '@unlabel/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
  },
  files: ['dist', 'src', '!src/**/*.test.ts', '!src/**/*.test-d.ts', '!src/**/*.golden.ts'],
  dependencies: { '@unlabel/core': 'workspace:^' },
};
const texts: Record<string, string> = {
  'README.md': '# @unlabel/losses-good\n\nnpm install @unlabel/losses-good\n\n```ts\n1;\n```\n',
  'CHANGELOG.md': '# @unlabel/losses-good\n',
  'src/index.test.ts': "import * as all from './index';\nObject.keys(all);",
};
const skeleton = [...Object.keys(texts), 'package.json', 'tsconfig.json', 'tsup.config.ts', 'src/index.ts'];
const layoutOf = (files: readonly string[], read = (path: string) => texts[path] ?? '') =>
  checkLayout('losses-good', files, read).map((finding) => finding.replace('packages/losses-good/', ''));

describe('the skeleton', () => {
  test('of a good package has no findings', () => {
    expect(layoutOf([...skeleton, 'golden/good.json', 'src/nn/dense.ts'])).toEqual([]);
  });

  test.each([
    ['notes.md', 'notes.md: has no place in the skeleton.'],
    ['data/images.gz', 'data/images.gz: has no place in the skeleton.'],
    ['src/nn/norm/batch.ts', 'src/nn/norm/batch.ts: lies too deep under src/.'],
    ['src/utils.ts', 'src/utils.ts: is named after no idea.'],
    ['src/helpers/a.ts', 'src/helpers/a.ts: is named after no idea.'],
  ])('refuses %s', (file, finding) => {
    expect(layoutOf([...skeleton, file])).toEqual([finding]);
  });

  test('names what is missing', () => {
    expect(layoutOf(skeleton.filter((path) => path !== 'CHANGELOG.md'))).toEqual(['CHANGELOG.md: is missing.']);
    expect(layoutOf(skeleton, () => '')).toHaveLength(5);
  });
});

describe('the manifest', () => {
  test('of a good package has no findings', () => {
    expect(checkManifest('losses-good', manifest)).toEqual([]);
  });

  test.each([
    { sideEffects: true },
    { license: 'ISC' },
    { description: '' },
    { exports: { '.': './dist/index.js' } },
    { files: ['dist'] },
    { dependencies: { '@unlabel/models': '1.0.0' } },
    { dependencies: { '@unlabel/cli': '1.0.0' } },
    { devDependencies: { '@unlabel/jepa': '1.0.0' } },
  ])('refuses %o', (change) => {
    expect(checkManifest('losses-good', { ...manifest, ...change })).not.toEqual([]);
  });
});

describe('a source file', () => {
  const check = (text: string, path = 'packages/losses-good/src/good.ts') =>
    checkSource(path, text, { name: 'losses-good', manifest });

  test('may import declared packages, builtins and its neighbours', () => {
    expect(
      check(
        "import '@unlabel/core';\nimport 'node:fs';\nimport './neighbour';\nconst x = [1] as const;\nx as y; // because",
      ),
    ).toEqual([]);
  });

  test.each([
    "import '@unlabel/testkit';",
    "await import('sharp');",
    "export { x } from '../../core/src/tf';",
    'const x = y as string;',
    'const x = <string>y;',
    'const x = Math.random();',
    'const x = tf.dropout(z, 0.5);',
    '\n'.repeat(401),
  ])('is refused for %j', (text) => {
    expect(check(text)).toHaveLength(1);
  });

  test('that is an index only re-exports by name', () => {
    const index = 'packages/losses-good/src/index.ts';
    expect(check("export { a, type B } from './a';", index)).toEqual([]);
    expect(check("export * from './a';", index)).toHaveLength(1);
    expect(check('export const a = 1;', index)).toHaveLength(1);
  });
});

describe('any file', () => {
  test('is free of unfinished work, registries and paths of one machine', () => {
    expect(checkText('a.md', 'Read docs/work/tmp/a and https://example.org/work/.')).toEqual([]);
    const lines = [`${'TO'}DO later`, `cd ${'/'}home/me`, `${'regis'}try.example.org`];
    for (const line of lines) expect(checkText('a.md', `\n${line}`)).toEqual([expect.stringContaining('a.md:2: ')]);
  });

  test('names no host if it is the lockfile', () => {
    expect(checkText('pnpm-lock.yaml', "'@a/b@1.0.0':\n  resolution: {integrity: sha512-abc==}")).toEqual([]);
    expect(checkText('pnpm-lock.yaml', 'a:\n  resolution: {tarball: https://example.org/a.tgz}')).toHaveLength(1);
  });
});
