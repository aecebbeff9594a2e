import { expect, test } from 'vitest';
import { errorCodes } from './errorCodes';
import { UnlabelError } from './errors';

test('carries code, fix and cause, and reads as one message', () => {
  const cause = new Error('underneath');
  const error = new UnlabelError('INVALID_OPTION', 'k is 0.', { fix: 'Give 1 or more.', cause });
  expect(error).toMatchObject({
    code: 'INVALID_OPTION',
    message: 'k is 0. Give 1 or more.',
    fix: 'Give 1 or more.',
    cause,
  });
  expect(error).toBeInstanceOf(Error);
});

test('is recognised by brand, also when another copy of core threw it', () => {
  const foreign = { [Symbol.for('unlabel.error')]: true, code: 'INVALID_OPTION', message: 'from elsewhere' };
  expect(UnlabelError.is(foreign)).toBe(true);
  expect(UnlabelError.is(foreign, 'INVALID_OPTION')).toBe(true);
  expect(UnlabelError.is(foreign, 'ABORTED')).toBe(false);
  expect(UnlabelError.is(new Error('plain'))).toBe(false);
  expect(UnlabelError.is(undefined)).toBe(false);
});

test('every code says in sentences what happened and what to do, in the order of the alphabet', () => {
  const codes = Object.keys(errorCodes);
  expect(codes).toEqual(codes.toSorted());
  for (const { what, fix } of Object.values(errorCodes)) {
    for (const sentence of [what, fix]) expect(sentence).toMatch(/^[A-Z].*\.$/);
  }
});
