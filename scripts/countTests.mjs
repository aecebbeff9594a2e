// Sums Vitest's JSON report over all packages. Prints the packages that ran no test, then, last,
// `N passed, N failed, N skipped`; such a package and a file that did not load count as failures.
import { readdirSync, readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { root } from './process.mjs';

/** @typedef {{ name: string, status: string, assertionResults: { status: string }[] }} TestFile */

/** @returns {TestFile[]} */
function readReport() {
  try {
    return JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')).testResults ?? [];
  } catch {
    console.log('There is no report of a test run.');
    return [];
  }
}

const files = readReport();
const count = { passed: 0, failed: 0, skipped: 0 };
const ran = new Set();
for (const file of files) {
  const outcomes = file.assertionResults.map((test) => test.status);
  if (file.status === 'failed' && !outcomes.includes('failed')) count.failed += 1;
  for (const outcome of outcomes) {
    const kind = outcome === 'passed' || outcome === 'failed' ? outcome : 'skipped';
    count[kind] += 1;
    if (kind !== 'skipped') ran.add(relative(root, file.name).split(sep)[1]);
  }
}

for (const name of readdirSync(`${root}packages`).filter((name) => !ran.has(name))) {
  console.log(`packages/${name} ran no test.`);
  count.failed += 1;
}
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = count.failed > 0 ? 1 : 0;
