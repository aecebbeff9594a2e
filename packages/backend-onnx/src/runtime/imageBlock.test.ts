import { expect, test } from 'vitest';
import { imageBlockOf } from './imageBlock';
import { loadOnnxRuntime } from './onnxRuntime';

test('a processor has blocks of 8 or 16 channels, or none; providers other than the CPU have none', async () => {
  const runtime = await loadOnnxRuntime();
  expect([1, 8, 16]).toContain(await imageBlockOf(runtime, { provider: 'cpu', threads: 1 }));
  expect(await imageBlockOf(runtime, { provider: 'webgpu', threads: 1 })).toBe(1);
});
