import { UnlabelError } from '@unlabel/core';
import { CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { reportError } from './reportError';

function shown(error: unknown, debug = false): { code: number; text: string } {
  let text = '';
  const code = reportError(error, { debug, write: (part) => (text += part) });
  return { code, text };
}

test('an UnlabelError shows its code, what happened and, on its own line, what to do', () => {
  const error = new UnlabelError('DATASET_EMPTY', 'photos/ holds no images.', { fix: 'Name another folder.' });
  expect(shown(error)).toEqual({
    code: 1,
    text: 'error DATASET_EMPTY: photos/ holds no images.\n  Name another folder.\n',
  });
});

test('debugging adds the stack and the cause', () => {
  const error = new UnlabelError('DATASET_EMPTY', 'Nothing.', { cause: new Error('ENOENT') });
  expect(shown(error, true).text).toMatch(/reportError\.test[\s\S]*caused by Error: ENOENT/);
});

test('any other error is called a bug and shows its stack', () => {
  const { code, text } = shown(new TypeError('x is undefined'));
  expect(code).toBe(1);
  expect(text).toMatch(/TypeError: x is undefined\n\s+at [\s\S]*This is a bug/);
});

test('a command line that was not understood exits with 2, asking for help with 0', () => {
  expect(shown(new CommanderError(1, 'commander.unknownOption', 'unknown option')).code).toBe(2);
  expect(shown(new CommanderError(0, 'commander.helpDisplayed', 'help')).code).toBe(0);
});
