import { readFile } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import {
  checkGoldenOn,
  findGoldenWorkspace,
  type GoldenReport,
  goldenTable,
  inChromium,
  readGoldenWorkspace,
} from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { webgpu } from './webgpu';

type Page = typeof import('./goldenPageFixture');

const packages = resolve(import.meta.dirname, '../..');

test('every golden file that is mapped agrees with us in Node', async () => {
  const { files, mappings } = await readGoldenWorkspace(packages);
  const session = await webgpu().open();
  const reports: GoldenReport[] = [];
  for (const file of files) reports.push(await checkGoldenOn(session, file, mappings));
  console.log(`On webgpu, in Node:\n${goldenTable(reports)}`);
  requireAgreement(reports);
}, 300_000);

test('and in headless Chromium', async () => {
  const paths = await findGoldenWorkspace(packages);
  const files = await Promise.all(paths.files.map((path) => readFile(path, 'utf8')));
  const modules = paths.mappings.map((path) => {
    const [name = '', , ...rest] = relative(packages, path).split(sep);
    return [name, rest.join('/').replace(/\.golden\.ts$/, '')] as const;
  });
  const timeout = 240_000;
  const page = `${import.meta.dirname}/goldenPageFixture.ts`;
  const reports = await inChromium<Page>(page, { input: { files, modules }, webgpu: true, timeout });
  console.log(`On webgpu, in Chromium:\n${goldenTable(reports)}`);
  requireAgreement(reports);
}, 300_000);

function requireAgreement(reports: readonly GoldenReport[]): void {
  expect(reports.some(({ status }) => status === 'pass')).toBe(true);
  expect(reports.filter(({ status }) => status === 'fail').map((report) => goldenTable([report]))).toEqual([]);
}
