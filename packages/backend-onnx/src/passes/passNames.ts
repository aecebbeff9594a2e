import { UnlabelError } from '@unlabel/core';
import { loweringChoices } from '../capture/loweringChoices';
import { passes } from './optimise';

/** A part of the compiler that can be turned off: a pass, or a choice made while lowering. */
export type PassName = (typeof passes)[number]['name'] | (typeof loweringChoices)[number]['name'];

/** All of them, in the order in which they come to work. */
export const passNames: readonly PassName[] = [...new Set([...loweringChoices, ...passes].map(({ name }) => name))];

/** Names from a command line or a file are passes that exist. @throws UnlabelError `UNKNOWN_NAME` with all that do */
export function requirePassNames(names: readonly string[]): asserts names is readonly PassName[] {
  for (const name of names) {
    if (passNames.some((known) => known === name)) continue;
    throw new UnlabelError('UNKNOWN_NAME', `No pass of the ONNX backend is called '${name}'.`, {
      fix: `Known: ${passNames.join(', ')}.`,
    });
  }
}
