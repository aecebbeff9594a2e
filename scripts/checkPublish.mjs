// Packs every publishable package and checks the tarballs as their users will meet them: publint, attw, and two of them
// installed into an empty project that runs and type-checks a README's snippet. Needs a build.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './process.mjs';
import { firstSnippet } from './readme.mjs';

/** @typedef {{ readonly name: string, readonly tarball: string }} Packed */

const folder = mkdtempSync(join(tmpdir(), 'unlabel-publish-'));
try {
  const manifests = readdirSync(`${root}packages`)
    .map((name) => ({ name, ...JSON.parse(readFileSync(`${root}packages/${name}/package.json`, 'utf8')) }))
    .filter((manifest) => !manifest.private);
  const tasks = manifests.map((manifest) => () => checkPackage(manifest.name.slice('@unlabel/'.length)));
  const failures = (await inParallel(tasks)).flat();
  failures.push(...(await checkConsumer()));
  for (const failure of failures) console.error(failure);
  console.error(`${manifests.length} packages packed and checked: ${failures.length || 'no'} findings.`);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} name the package's folder @returns {Promise<string[]>} findings */
async function checkPackage(name) {
  const cwd = `${root}packages/${name}`;
  const tarball = tarballOf(name);
  const failures = [];
  for (const command of [
    `pnpm pack --out "${tarball}"`,
    `publint "${tarball}" --strict`,
    `attw "${tarball}" --profile esm-only --format ascii`,
  ]) {
    const { status, output } = await run(command, { cwd });
    if (status !== 0) failures.push(`packages/${name}: ${command}\n${output}`);
  }
  return failures;
}

/** Installs a loss and core from their tarballs and nothing else of ours. @returns {Promise<string[]>} findings */
async function checkConsumer() {
  const [core, losses] = ['core', 'losses-contrastive'].map((name) => `file:${tarballOf(name)}`);
  const project = {
    private: true,
    type: 'module',
    dependencies: { '@unlabel/core': core, '@unlabel/losses-contrastive': losses },
    pnpm: { overrides: { '@unlabel/core': core } },
  };
  const snippet = firstSnippet(`${root}packages/losses-contrastive/README.md`);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(project));
  writeFileSync(join(folder, 'index.ts'), snippet);
  const types = 'tsc --noEmit --strict --skipLibCheck --target es2022';
  const steps = [
    'pnpm install --prefer-offline --ignore-scripts --ignore-workspace',
    `${types} --module nodenext index.ts`,
    `${types} --module esnext --moduleResolution bundler index.ts`,
    'tsc --target es2022 --module nodenext --skipLibCheck index.ts',
    'node index.js',
  ];
  for (const step of steps) {
    const { status, output } = await run(step, { cwd: folder });
    if (status !== 0)
      return [`A project that installs the tarballs of core and losses-contrastive: ${step}\n${output}`];
  }
  return [];
}

/** @param {string} name */
function tarballOf(name) {
  return join(folder, `${name}.tgz`);
}

/**
 * Runs tasks, as many at a time as there are cores.
 * @template T
 * @param {readonly (() => Promise<T>)[]} tasks
 * @returns {Promise<T[]>}
 */
async function inParallel(tasks) {
  /** @type {T[]} */
  const results = [];
  const queue = tasks.entries();
  const worker = async () => {
    for (const [index, task] of queue) results[index] = await task();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}
