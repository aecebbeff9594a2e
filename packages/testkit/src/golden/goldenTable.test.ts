import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cpu } from '@unlabel/core';
import { expect, test } from 'vitest';
import { type GoldenFile, readGoldenFolder } from './goldenFile';
import type { GoldenMapping } from './goldenMapping';
import { checkGolden, goldenTable } from './goldenReport';

const packages = resolve(import.meta.dirname, '../../..');

test('every golden file that is mapped agrees with us', async () => {
  await cpu().open();
  const [files, mappings] = await Promise.all([goldenFiles(), goldenMappings()]);
  const reports = files.map((file) => checkGolden(file, mappings));
  console.log(goldenTable(reports));
  expect(reports.length).toBeGreaterThan(0);
  expect(reports.filter(({ status }) => status === 'fail').map((report) => goldenTable([report]))).toEqual([]);
}, 300_000);

/** The folder that `UNLABEL_GOLDEN_DIR` names, or else every package's copies. */
async function goldenFiles(): Promise<readonly GoldenFile[]> {
  const { UNLABEL_GOLDEN_DIR: chosen, INIT_CWD: from = process.cwd() } = process.env;
  if (chosen) return readGoldenFolder(resolve(from, chosen));
  const folders = (await readdir(packages)).map((name) => join(packages, name, 'golden')).filter(existsSync);
  return (await Promise.all(folders.map(readGoldenFolder))).flat();
}

/** Whatever the packages' `*.golden.ts` files export: a new one is found, not listed. */
async function goldenMappings(): Promise<readonly GoldenMapping[]> {
  const sources = (await readdir(packages)).map((name) => join(packages, name, 'src')).filter(existsSync);
  const found = await Promise.all(
    sources.map(async (folder) =>
      (await readdir(folder, { recursive: true }))
        .filter((name) => name.endsWith('.golden.ts'))
        .map((name) => join(folder, name)),
    ),
  );
  const modules = await Promise.all(found.flat().map((path): Promise<Record<string, unknown>> => import(path)));
  return modules.flatMap((module) => Object.values(module).flat().filter(isMapping));
}

function isMapping(value: unknown): value is GoldenMapping {
  return typeof value === 'object' && value !== null && 'matches' in value && 'run' in value;
}
