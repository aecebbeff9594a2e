import type { errorCodes } from './errorCodes';

/** Every code an {@link UnlabelError} can carry. Codes are stable: match on them, not on messages. */
export type UnlabelErrorCode = keyof typeof errorCodes;

const brand = Symbol.for('unlabel.error');

/** What was given and needed, what to do about it, and what led there. */
export interface UnlabelErrorOptions {
  /** The next action, as a sentence; appended to the message. */ fix?: string;
  /** The error underneath. */ cause?: unknown;
}

/** The error that every Unlabel package throws: a stable code, what happened, and what to do. */
export class UnlabelError extends Error {
  readonly code: UnlabelErrorCode;
  /** The next action, or `undefined` where the message says it all. */
  readonly fix: string | undefined;
  readonly [brand] = true;

  constructor(code: UnlabelErrorCode, message: string, options: UnlabelErrorOptions = {}) {
    const { fix, cause } = options;
    super(fix === undefined ? message : `${message} ${fix}`, cause === undefined ? undefined : { cause });
    this.name = 'UnlabelError';
    this.code = code;
    this.fix = fix;
  }

  /** Whether `error` is an UnlabelError (optionally with this code), from whichever installed copy of core. */
  static is(error: unknown, code?: UnlabelErrorCode): error is UnlabelError {
    if (typeof error !== 'object' || error === null || !(brand in error) || !('code' in error)) return false;
    return code === undefined || error.code === code;
  }
}
