import { resolve } from 'node:path';
import { checkGoldenOn, type GoldenReport, goldenTable, readGoldenWorkspace } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { onnx } from './onnx';

test('every golden file that is mapped agrees with what is captured of us', async () => {
  const { files, mappings } = await readGoldenWorkspace(resolve(import.meta.dirname, '../..'));
  const session = await onnx({ threads: 1, thread: 'main' }).open();
  const reports: GoldenReport[] = [];
  for (const file of files) reports.push(await checkGoldenOn(session, file, mappings));
  await session.dispose();
  console.log(`Captured, on onnx:\n${goldenTable(reports)}`);
  expect(reports.some(({ status }) => status === 'pass')).toBe(true);
  expect(reports.filter(({ status }) => status === 'fail').map((report) => goldenTable([report]))).toEqual([]);
}, 600_000);
