import { UnlabelError } from '@unlabel/core';

/** Bounds of an option. */
interface Bounds {
  /** Smallest value that is still allowed (default: any above 0). */ readonly least?: number;
  /** Largest value (default any). */ readonly most?: number;
}

/**
 * Checks options from which numbers are drawn: `{ scale: [0.08, 1] }`, or a single number that stands for itself.
 * @throws UnlabelError `INVALID_OPTION`, naming the option, unless it runs upwards within the bounds
 */
export function requireRange(
  options: Readonly<Record<string, number | readonly [number, number]>>,
  { least, most = Number.MAX_VALUE }: Bounds = {},
): void {
  for (const [name, value] of Object.entries(options)) {
    const [low, high] = typeof value === 'number' ? [value, value] : value;
    if ((least === undefined ? low > 0 : low >= least) && low <= high && high <= most) continue;
    const bottom = least === undefined ? 'above 0' : `from ${least}`;
    const top = most === Number.MAX_VALUE ? '' : ` to ${most}`;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${typeof value === 'number' ? value : `[${value}]`}.`, {
      fix:
        typeof value === 'number'
          ? `Give a number ${bottom}${top}.`
          : `Give the smaller number first, ${bottom}${top}.`,
    });
  }
}
