import { UnlabelError } from '@unlabel/core';

/** How an error is shown. */
export interface ReportErrorOptions {
  /** Show where it was thrown (default false). */ readonly debug?: boolean;
  /** Where the text goes (default: standard error). */ readonly write?: (text: string) => void;
}

/** Prints an error for the person at the terminal: what happened and what to do, or that it is a bug. */
export function reportError(error: unknown, options: ReportErrorOptions = {}): void {
  const { debug = false, write = (text) => process.stderr.write(text) } = options;
  if (!UnlabelError.is(error)) {
    write(`${stackOf(error)}\nThis is a bug in Unlabel or in a plugin: please report it with the lines above.\n`);
    return;
  }
  write(`error ${error.code}: ${withoutFix(error)}\n`);
  if (error.fix) write(`  ${error.fix}\n`);
  if (debug) write(`${stackOf(error)}\n`);
}

function withoutFix({ message, fix }: UnlabelError): string {
  return fix !== undefined && message.endsWith(fix) ? message.slice(0, -fix.length).trimEnd() : message;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
