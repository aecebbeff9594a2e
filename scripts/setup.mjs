// Installs what the lockfile names, unless that is what is installed, and builds every package that has changed.
import { readFileSync } from 'node:fs';
import { root, runQuietly } from './process.mjs';

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(root + path, 'utf8');
  } catch {
    return undefined;
  }
}

const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

// pnpm keeps a copy of the lockfile that it last installed.
if (read('pnpm-lock.yaml') !== read('node_modules/.pnpm/lock.yaml')) {
  console.error('Installing dependencies …');
  runQuietly('dependencies installed', `npx --yes ${packageManager} install --frozen-lockfile --reporter=append-only`);
}
runQuietly('packages built', 'turbo run build --filter=./packages/* --output-logs=errors-only');
