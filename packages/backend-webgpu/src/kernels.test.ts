import { opConformance } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { registeredDevice } from './device/tfjsDevice';
import { kernelCases } from './kernelCasesFixture';
import { webgpu } from './webgpu';

test.each(opConformance(webgpu(), kernelCases()))('$name', async ({ run }) => {
  const before = registeredDevice()?.dispatcher.dispatches ?? 0;
  await run();
  expect(registeredDevice()?.dispatcher.dispatches).toBeGreaterThan(before);
});
