import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inChromium } from '@unlabel/testkit';
import { expect, test } from 'vitest';

type Page = typeof import('./enginesPageFixture');

const folders = { '/onnxruntime/': dirname(fileURLToPath(import.meta.resolve('onnxruntime-web/wasm'))) };

test('ONNX Runtime trains on the device of tfjs, and the faster of both is taken and remembered', {
  timeout: 240_000,
}, async () => {
  const page = `${import.meta.dirname}/enginesPageFixture.ts`;
  const input = ['SimCLR of a ViT', 'BYOL of a ResNet'];
  const report = await inChromium<Page>(page, { input, webgpu: true, folders, timeout: 200_000 });
  for (const name of input) expect(report.apart[name]).toBeLessThan(1e-4);
  expect(report.submissions).toBeGreaterThan(0);
  expect(report.losses[1]).toBe(report.losses[0]);
  expect(report.eager).toEqual(['webgpu', 3]);
  const [measured, remembered] = report.choices;
  expect(measured?.milliseconds).toEqual({ webgpu: expect.any(Number), onnx: expect.any(Number) });
  expect(remembered).toEqual({ backend: measured?.backend, milliseconds: {} });
  expect(report.choices).toHaveLength(2);
  expect(report.chosenStates).toEqual([
    [2, 1],
    [4, 2],
  ]);
  expect(report.lost).toBe('DEVICE_LOST');
});
