import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './process.mjs';

const packages = readdirSync(`${root}packages`);

function count(testResults: unknown) {
  const report = join(mkdtempSync(join(tmpdir(), 'unlabel-count-')), 'tests.json');
  writeFileSync(report, JSON.stringify({ testResults }));
  const { status, stdout } = spawnSync(process.execPath, [`${root}scripts/countTests.mjs`, report], {
    encoding: 'utf8',
  });
  return { status, last: stdout.trimEnd().split('\n').at(-1) };
}

/** A report's entry for one test file. */
function file(name: string, outcomes: readonly string[], status = 'passed') {
  return {
    name: join(root, 'packages', name, 'src/a.test.ts'),
    status,
    assertionResults: outcomes.map((outcome) => ({ status: outcome })),
  };
}

test('sums what passed, failed and was skipped', () => {
  const passing = packages.map((name) => file(name, ['passed', 'passed']));
  expect(count(passing)).toEqual({ status: 0, last: `${packages.length * 2} passed, 0 failed, 0 skipped` });
  const others = [file('core', ['failed', 'pending', 'skipped', 'todo'], 'failed')];
  expect(count([...passing, ...others])).toEqual({
    status: 1,
    last: `${packages.length * 2} passed, 1 failed, 3 skipped`,
  });
});

test('a package that ran no test, and a file that did not load, are failures', () => {
  const passing = packages.slice(2).map((name) => file(name, ['passed']));
  const [first, second] = [packages[0] ?? '', packages[1] ?? ''];
  const results = [
    ...passing,
    file(first, ['pending', 'pending']),
    file(second, ['passed']),
    file(second, [], 'failed'),
  ];
  expect(count(results)).toEqual({ status: 1, last: `${packages.length - 1} passed, 2 failed, 2 skipped` });
});

test('no report is a failure', () => {
  expect(count(undefined)).toEqual({ status: 1, last: `0 passed, ${packages.length} failed, 0 skipped` });
});
