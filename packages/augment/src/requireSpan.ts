import { UnlabelError } from '@unlabel/core';

/**
 * Checks ranges that may lie anywhere, such as decibels.
 * @throws UnlabelError `INVALID_OPTION`, naming the option, unless both ends are finite and the smaller comes first
 */
export function requireSpan(options: Readonly<Record<string, readonly [number, number]>>): void {
  for (const [name, [low, high]] of Object.entries(options)) {
    if (Number.isFinite(low) && Number.isFinite(high) && low <= high) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is [${low}, ${high}].`, {
      fix: 'Give two finite numbers, the smaller first.',
    });
  }
}
