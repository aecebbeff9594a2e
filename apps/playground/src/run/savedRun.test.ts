import type { RunStore } from '@unlabel/core';
import { expect, test } from 'vitest';
import { findRun, saveSettings } from './savedRun';
import { firstSettings } from './settings';
import { memoryShelf, setAside } from './shelf';

const bytes = (text: string) => new TextEncoder().encode(text);
const stepOf = (step: number) =>
  JSON.stringify({
    type: 'step',
    step,
    epoch: 0,
    loss: 1,
    terms: {},
    scalars: {},
    samplesPerSecond: 9,
    projectionStd: 1,
  });

/** A run with a checkpoint, and its log. */
async function leave(store: RunStore, log = `${stepOf(1)}\n`): Promise<void> {
  await saveSettings(store, firstSettings(), [{ step: 3, what: 'temperature is now 0.2' }]);
  await store.write('checkpoints/step-00000007.safetensors', bytes('…'));
  await store.write('metrics.jsonl', bytes(log));
}

async function rewrite(
  store: RunStore,
  change: (saved: Record<string, Record<string, unknown>>) => unknown,
): Promise<void> {
  const saved = JSON.parse(new TextDecoder().decode(await store.read('run.json')));
  await store.write('run.json', bytes(JSON.stringify(change(saved))));
}

test('a run is found as it was left, also one that an earlier version of the page left', async () => {
  const store = memoryShelf().store('run');
  await leave(store);
  const expected = {
    run: { settings: firstSettings(), changes: [{ step: 3 }], step: 7, events: [{ step: 1 }] },
    notes: [],
  };
  expect(await findRun(store)).toMatchObject(expected);
  await rewrite(store, ({ version: _, ...saved }) => saved);
  expect(await findRun(store)).toMatchObject(expected);
});

test.each([
  ['another version of this page', () => ({ version: 2 })],
  [
    'settings.epochs: ',
    ({ settings }: Record<string, Record<string, unknown>>) => ({
      settings: { ...settings, epochs: 'x' },
      changes: [],
    }),
  ],
  [
    'there is no objective alchemy',
    ({ settings }: Record<string, Record<string, unknown>>) => ({
      settings: { ...settings, method: 'alchemy' },
      changes: [],
    }),
  ],
  [
    'simclr has other options now: temperature',
    ({ settings }: Record<string, Record<string, unknown>>) => ({
      settings: { ...settings, methodOptions: { temperature: -1 } },
      changes: [],
    }),
  ],
])('says why a run cannot be read: %s', async (reason, change) => {
  const store = memoryShelf().store('run');
  await leave(store);
  await rewrite(store, change);
  expect(await findRun(store)).toEqual({ unreadable: expect.stringContaining(reason) });
});

test('lines of the log that cannot be read are counted; one that was cut off is no loss, later ones than the checkpoint go', async () => {
  const store = memoryShelf().store('run');
  await leave(
    store,
    `${stepOf(1)}\n{"type":"step","step":2,"loss":null}\nnothing\n${stepOf(3)}\n${stepOf(8)}\n{"type":"st`,
  );
  expect(await findRun(store)).toMatchObject({
    run: { events: [{ step: 1 }, { step: 3 }] },
    notes: ['2 measurements of the run cannot be read, and are not shown.'],
  });
});

test('what is set aside lies whole in a folder of its own, and never in place of what was set aside before', async () => {
  const shelf = memoryShelf();
  for (const folder of ['aside-1', 'aside-2']) {
    await leave(shelf.store('run'), folder);
    await setAside(shelf, 'run');
    expect(await findRun(shelf.store('run'))).toEqual({ run: undefined, notes: [] });
    expect(await shelf.store('run').list('checkpoints')).toEqual([]);
  }
  for (const folder of ['aside-1', 'aside-2']) {
    expect(await shelf.store(folder).list('checkpoints')).toEqual(['step-00000007.safetensors']);
    expect(new TextDecoder().decode(await shelf.store(folder).read('metrics.jsonl'))).toBe(folder);
  }
});
