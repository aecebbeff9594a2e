import { UnlabelError } from '@unlabel/core';
import { expect, test } from 'vitest';
import { engineServer, packed, unpacked } from './engineServer';

test.each([
  new UnlabelError('SHAPE_MISMATCH', 'x is [2], not [3].', { fix: 'Compile it again.' }),
  new UnlabelError('VARIABLE_MISSING', 'There is no x.'),
])('an error of ours arrives with its code, its message and its fix: %s', (error) => {
  const arrived = unpacked(structuredClone(packed(error)));
  expect(arrived).toBeInstanceOf(UnlabelError);
  expect(arrived).toMatchObject({ code: error.code, message: error.message, fix: error.fix });
});

test('other errors arrive with their message', () => {
  expect(unpacked(structuredClone(packed(new RangeError('too long'))))).toMatchObject({ message: 'too long' });
});

test('what it was not told of is refused', async () => {
  const server = engineServer(() => Promise.reject(new UnlabelError('PEER_MISSING', 'none')));
  expect(server.bytes()).toBe(0);
  await expect(server.answer({ kind: 'createState', state: 0, initial: {} })).rejects.toMatchObject({
    code: 'VARIABLE_MISSING',
  });
  await expect(server.answer({ kind: 'read', state: 0, names: undefined })).rejects.toMatchObject({
    code: 'VARIABLE_MISSING',
  });
  const settings = { provider: 'cpu', threads: 1 } as const;
  await expect(server.answer({ kind: 'open', settings })).rejects.toMatchObject({ code: 'PEER_MISSING' });
});
