import { expect, test } from 'vitest';
import { imageBlockOf } from './imageBlock';
import { loadOnnxRuntime } from './onnxRuntime';
import { providerNames, providers } from './providers';
import { stepTarget } from './stepTarget';

test('answers as the table of providers and the processor do', async () => {
  const imageBlock = await imageBlockOf(await loadOnnxRuntime(), { provider: 'cpu', threads: 1 });
  expect(await stepTarget()).toEqual({ portable: false, imageBlock });
  for (const name of providerNames.filter((other) => other !== 'cpu')) {
    expect(await stepTarget(name)).toEqual({ portable: providers[name].portable, imageBlock: 1 });
  }
});

test('refuses a provider that does not exist, and names those that do', async () => {
  await expect(stepTarget('tpu')).rejects.toMatchObject({
    code: 'UNKNOWN_NAME',
    fix: expect.stringContaining(providerNames.join(', ')),
  });
});
