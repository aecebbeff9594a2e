import { UnlabelError } from '@unlabel/core';
import { expect, test } from 'vitest';
import { failureOf, forPages } from './failure';

test('advice is for the page: no word of the command line, and what to press', () => {
  const lost = new UnlabelError('DEVICE_LOST', 'The GPU device was lost.', { fix: 'Open the backend again.' });
  expect(failureOf(lost)).toEqual({
    code: 'DEVICE_LOST',
    message: 'The GPU device was lost.',
    fix: 'Press Continue: the newest checkpoint is whole.',
  });
  expect(forPages('Choose another backend; `unlabel doctor` says which work here.')).toBe('Choose another backend.');
  expect(forPages('`unlabel list objective simclr` shows the options.')).toBe('');
  expect(forPages('Lower the learning rate.')).toBe('Lower the learning rate.');
});

test('messages of several lines become one, without what browsers say of their own calls', () => {
  const message = 'No room: Buffer size (9) exceeds the limit (8).\n - While calling [Device].CreateBuffer([…]).\n';
  expect(failureOf(new UnlabelError('DEVICE_OUT_OF_MEMORY', message)).message).toBe(
    'No room: Buffer size (9) exceeds the limit (8).',
  );
  const options = new UnlabelError('INVALID_OPTION', 'Options: ✖ Too small\n  → at temperature');
  expect(failureOf(options).message).toBe('Options: ✖ Too small at temperature');
});

test.each(['Array buffer allocation failed', 'Out of memory', 'memory access out of bounds', 'Invalid array length'])(
  'a browser without memory is told from what nobody expects: %s',
  (text) => {
    expect(failureOf(new RangeError(text)).code).toBe('OUT_OF_MEMORY');
    expect(failureOf(new Error('boom'))).toMatchObject({ code: 'UNEXPECTED', message: 'boom' });
  },
);
