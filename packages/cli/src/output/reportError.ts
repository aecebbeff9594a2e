import { UnlabelError } from '@unlabel/core';

/** How an error is shown. */
export interface ReportErrorOptions {
  /** Show where it was thrown (default false). */ readonly debug?: boolean;
  /** Where the text goes (default: standard error). */ readonly write?: (text: string) => void;
}

/**
 * Prints an error for the person at the terminal.
 * @returns the process's exit code: 1, or 2 for a command line that was not understood
 */
export function reportError(error: unknown, options: ReportErrorOptions = {}): number {
  const { debug = false, write = (text) => process.stderr.write(text) } = options;
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  if (UnlabelError.is(error)) {
    write(`error ${error.code}: ${withoutFix(error)}\n`);
    if (error.fix) write(`  ${error.fix}\n`);
    if (debug) write(`${stackOf(error)}\n`);
    return 1;
  }
  write(`${stackOf(error)}\nThis is a bug in Unlabel or in a plugin: please report it with the lines above.\n`);
  return 1;
}

function withoutFix({ message, fix }: UnlabelError): string {
  return fix !== undefined && message.endsWith(fix) ? message.slice(0, -fix.length).trimEnd() : message;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

function isCommanderError(error: unknown): error is { readonly exitCode: number } {
  return (
    error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.')
  );
}
