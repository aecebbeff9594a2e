import { UnlabelError } from '@unlabel/core';
import type { Failure } from './protocol';

/** Any error as what happened and what to do. */
export function failureOf(error: unknown): Failure {
  if (UnlabelError.is(error)) return { code: error.code, message: error.message, fix: '' };
  const text = error instanceof Error ? error.message : String(error);
  if (/allocation|out of memory|memory access out of bounds/i.test(text)) {
    return {
      code: 'OUT_OF_MEMORY',
      message: 'The browser ran out of memory for this run.',
      fix: 'Choose a smaller batch, encoder or number of images. What was saved is whole.',
    };
  }
  return { code: 'UNEXPECTED', message: text, fix: 'Reload the page; what was saved is whole.' };
}
