import { originStore } from '@unlabel/core';
import { expect, test } from 'vitest';
import { findChromium, inChromium } from './chromium';

const withChromium = test.skipIf((await findChromium()) === undefined);

withChromium('in a page it writes into new folders, replaces, appends, lists and removes', async () => {
  const page = `${import.meta.dirname}/originStoreFixture.ts`;
  expect(await inChromium<typeof import('./originStoreFixture')>(page, { input: undefined })).toEqual([
    'missing',
    [],
    'new',
    'abc',
    ['one', 'two'],
    ['log'],
    ['two'],
    [],
  ]);
});

test('where there are no such files, it says so', async () => {
  await expect(originStore('run').list('.')).rejects.toMatchObject({ code: 'RUN_FOLDER_INVALID' });
});
