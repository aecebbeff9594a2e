import { UnlabelError } from '@unlabel/core';

/**
 * Checks options that count something. Pass them by shorthand, `{ segments }`, so that the message names them.
 * @throws UnlabelError `INVALID_OPTION` for what is no whole number, or less than `least`
 */
export function requireCount(options: Readonly<Record<string, number>>, least = 1): void {
  for (const [name, value] of Object.entries(options)) {
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${value}.`, { fix: `Give a whole number, ${least} or more.` });
  }
}
