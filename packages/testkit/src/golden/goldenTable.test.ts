import { resolve } from 'node:path';
import { cpu } from '@unlabel/core';
import { expect, test } from 'vitest';
import { checkGolden, goldenTable } from './goldenReport';
import { readGoldenWorkspace } from './goldenWorkspace';

test('every golden file that is mapped agrees with us', async () => {
  await cpu().open();
  const { files, mappings } = await readGoldenWorkspace(resolve(import.meta.dirname, '../../..'));
  const reports = files.map((file) => checkGolden(file, mappings));
  console.log(`Op by op, on cpu:\n${goldenTable(reports)}`);
  expect(reports.length).toBeGreaterThan(0);
  expect(reports.filter(({ status }) => status === 'fail').map((report) => goldenTable([report]))).toEqual([]);
}, 300_000);
