import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from './process.mjs';
import { snippetsOf } from './readme.mjs';

interface Snippet {
  readonly title: string;
  /** Where its imports resolve from, relative to the root. */ readonly folder: string;
  readonly code: string;
}

// Every block of the workspace's README, and the first of each package's: the ones that run as they stand.
const snippets: Snippet[] = [
  ...snippetsOf(`${root}README.md`).map((code, index) => snippet(`README ${index + 1}`, 'packages/cli', code)),
  ...readdirSync(`${root}packages`).flatMap((name) =>
    snippetsOf(`${root}packages/${name}/README.md`)
      .slice(0, 1)
      .map((code) => snippet(name, `packages/${name}`, code)),
  ),
];

test.each(snippets)('the snippet of $title runs on the built packages', ({ title, folder, code }) => {
  const script = `${root}${folder}/dist/${title}.snippet.mjs`;
  const cwd = mkdtempSync(join(tmpdir(), 'unlabel-readme-'));
  try {
    writeFileSync(script, built(code));
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
      cwd,
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(status, stdout + stderr).toBe(0);
  } finally {
    rmSync(script);
    rmSync(cwd, { recursive: true });
  }
});

test('the snippets type-check', () => {
  const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  options.paths = { '@unlabel/*': [`${root}packages/*/src/index.ts`] };
  const files = new Map(snippets.map(({ title, folder, code }) => [`${root}${folder}/src/${title}.snippet.ts`, code]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  const program = ts.createProgram([...files.keys()], options, host);
  const problems = [...files.keys()].flatMap((path) => program.getSemanticDiagnostics(program.getSourceFile(path)));
  expect(ts.formatDiagnostics(problems, host)).toBe('');
});

function snippet(title: string, folder: string, code: string): Snippet {
  return { title, folder, code };
}

/** JavaScript whose imports of our packages name what was built, dependency of the folder or not. */
function built(code: string): string {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  return outputText.replaceAll(/(['"])@unlabel\/([\w-]+)\1/g, (quoted, _, name) => {
    const entry = new URL(`../packages/${name}/dist/index.js`, import.meta.url);
    return existsSync(entry) ? `'${entry.href}'` : quoted;
  });
}
