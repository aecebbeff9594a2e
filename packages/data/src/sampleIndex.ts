import { UnlabelError } from '@unlabel/core';

/** @throws UnlabelError `INVALID_OPTION` unless `index` is one of the samples 0 … length − 1 of what is called `name` */
export function requireSampleIndex(
  index: number,
  { name, length }: { readonly name: string; readonly length: number },
) {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw new UnlabelError('INVALID_OPTION', `There is no sample ${index} in ${name}, which holds ${length}.`, {
    fix: `Ask for 0 to ${length - 1}.`,
  });
}
