import { resolve } from 'node:path';
import { checkGoldenOn, type GoldenReport, goldenTable, readGoldenWorkspace } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { webgpu } from './webgpu';

test('every golden file that is mapped agrees with us on WebGPU', { timeout: 600_000 }, async () => {
  const { files, mappings } = await readGoldenWorkspace(resolve(import.meta.dirname, '../..'));
  const session = await webgpu().open();
  const reports: GoldenReport[] = [];
  for (const file of files) reports.push(await checkGoldenOn(session, file, mappings));
  await session.dispose();
  console.log(`On WebGPU:\n${goldenTable(reports)}`);
  expect(reports.some(({ status }) => status === 'pass')).toBe(true);
  expect(reports.filter(({ status }) => status === 'fail').map((report) => goldenTable([report]))).toEqual([]);
});
