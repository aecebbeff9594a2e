import { expect, test } from 'vitest';
import { suite } from './suiteFixture';
import { webgpu } from './webgpu';

test('there is an adapter, and it is known to be software', async () => {
  expect(await webgpu().probe()).toEqual({
    available: true,
    detail: expect.stringMatching(/SwiftShader.*computing on the CPU/),
    software: true,
  });
});

for (const { name, run } of suite()) test(name, run);
