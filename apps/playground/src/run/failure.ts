import { UnlabelError, type UnlabelErrorCode } from '@unlabel/core';
import type { Failure } from './protocol';

/** What to do on this page, where an error's own advice is for those who write code or use the command line. */
const onThisPage: Partial<Readonly<Record<UnlabelErrorCode, string>>> = {
  BACKEND_UNAVAILABLE: 'Choose another under “Computes on”.',
  CHECKPOINT_CORRUPT: 'Start over.',
  CHECKPOINT_WRITE_FAILED: 'Make room, then press Continue: the checkpoint before is whole.',
  DEVICE_FAULT: 'Continue from the newest checkpoint, on another of “Computes on” if it happens again.',
  DEVICE_LOST: 'Press Continue: the newest checkpoint is whole.',
  DEVICE_OUT_OF_MEMORY: 'Choose a smaller batch, encoder or number of images. What was saved is whole.',
  RESUME_MISMATCH: 'Start over.',
};

/** Any error as what happened and what to do. */
export function failureOf(error: unknown): Failure {
  if (UnlabelError.is(error)) {
    const { code, message, fix = '' } = error;
    const what = fix === '' ? message : message.replace(fix, '');
    return { code, message: plain(what), fix: onThisPage[code] ?? forPages(fix) };
  }
  const text = error instanceof Error ? error.message : String(error);
  if (/allocation|out of memory|memory access out of bounds|array length/i.test(text)) {
    return {
      code: 'OUT_OF_MEMORY',
      message: 'The browser ran out of memory for this run.',
      fix: 'Choose a smaller batch, encoder or number of images. What was saved is whole.',
    };
  }
  return { code: 'UNEXPECTED', message: text, fix: 'Reload the page; what was saved is whole.' };
}

/** Advice without what it says of the command line. */
export function forPages(fix: string): string {
  return fix.replace(/;? *`unlabel [^`]*` [^.]*/, '').replace(/^\.$/, '');
}

/** Without the frames in which browsers tell of GPU errors, and in one line. */
function plain(message: string): string {
  const lines = message.split('\n').filter((line) => !/^ - /.test(line));
  return lines
    .map((line) => line.replace(/^[✖→ ]+/, '').trim())
    .join(' ')
    .trim();
}
