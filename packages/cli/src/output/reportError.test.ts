import { UnlabelError } from '@unlabel/core';
import { expect, test } from 'vitest';
import { reportError } from './reportError';

function shown(error: unknown, debug = false): string {
  const parts: string[] = [];
  reportError(error, { debug, write: (part) => parts.push(part) });
  return parts.join('');
}

test('an UnlabelError shows its code, what happened and, on its own line, what to do', () => {
  const error = new UnlabelError('DATASET_EMPTY', 'photos/ holds no images.', { fix: 'Name another folder.' });
  expect(shown(error)).toBe('error DATASET_EMPTY: photos/ holds no images.\n  Name another folder.\n');
});

test('debugging adds the stack and the cause', () => {
  const error = new UnlabelError('DATASET_EMPTY', 'Nothing.', { cause: new Error('ENOENT') });
  expect(shown(error, true)).toMatch(/reportError\.test[\s\S]*caused by Error: ENOENT/);
});

test('any other error is called a bug and shows its stack', () => {
  expect(shown(new TypeError('x is undefined'))).toMatch(/TypeError: x is undefined\n\s+at [\s\S]*This is a bug/);
});
