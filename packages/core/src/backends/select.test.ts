import { expect, test } from 'vitest';
import type { Availability, Backend } from '../backend';
import { cpu } from './cpu';
import { selectBackend } from './select';

function probed(name: string, availability: Availability): Backend {
  return { ...cpu(), name, probe: async () => availability };
}

const absent = probed('absent', { available: false, reason: 'no library.', fix: 'Install the library.' });
const present = probed('present', { available: true, detail: 'one thread' });

test('the first that works is taken, and those before it are named', async () => {
  const { backend, why } = await selectBackend([absent, present]);
  expect(backend.name).toBe('present');
  expect(why).toBe('one thread; not absent (no library)');
});

test('a GPU that is emulated on the CPU is the last choice', async () => {
  const emulated = probed('emulated', { available: true, detail: 'a driver on the CPU', software: true });
  const { backend, why } = await selectBackend([emulated, absent, present]);
  expect(backend.name).toBe('present');
  expect(why).toBe('one thread; not emulated (a driver on the CPU), not absent (no library)');
  const alone = await selectBackend([emulated, absent]);
  expect(alone).toMatchObject({ backend: emulated, why: 'a driver on the CPU; not absent (no library)' });
});

test('where none works, each says why and what to do', async () => {
  await expect(selectBackend([absent])).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: 'No backend works here: absent (no library). Install the library.',
  });
  await expect(selectBackend([])).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
});
