import { UnlabelError } from '../errors';
import type { RandomStream } from '../random';
import { requireSomeHidden } from './hiddenTokens';

/** What {@link textSpanMask} hides. */
export interface TextSpanMaskOptions {
  /** Share of the tokens that is hidden, in (0, 1) (default 0.15). */ readonly ratio?: number;
  /** p of the geometric distribution that lengths follow, in (0, 1] (default 0.2: 3.8 tokens on average). */ readonly stop?: number;
  /** Tokens of the longest span (default 10). */ readonly maxLength?: number;
}

/**
 * Hides spans whose lengths follow a cut geometric distribution, short ones most often, until a fixed number of tokens is
 * hidden; what would be too many of the last span is left: SpanBERT's masking. The paper counts lengths in whole words:
 * give words for tokens where that is wanted.
 * @param random where spans come from
 * @param length tokens of the sequence
 * @returns 1 for hidden tokens, else 0, `length` long; `round(ratio · length)` of them, 1 at least, are 1
 * @throws UnlabelError `INVALID_OPTION`
 * @see Joshi et al., SpanBERT, TACL 2020, sec. 3.1, https://arxiv.org/abs/1907.10529
 */
export function textSpanMask(random: RandomStream, length: number, options: TextSpanMaskOptions = {}): Float32Array {
  const { ratio = 0.15, stop = 0.2, maxLength = 10 } = options;
  requireLengths(stop, maxLength);
  const count = ratio > 0 ? Math.max(1, Math.round(ratio * length)) : 0;
  requireSomeHidden(`ratio is ${ratio}`, count, length);
  const mask = new Float32Array(length);
  for (let left = count; left > 0; ) {
    const span = Math.min(spanLength(random, stop, maxLength), left);
    const start = random.integer(length - span + 1);
    for (let token = start; token < start + span; token++) {
      if (mask[token] === 0) left--;
      mask[token] = 1;
    }
  }
  return mask;
}

/** P(ℓ) ∝ (1 − p)^(ℓ − 1) p for ℓ = 1 … maxLength, by inversion. */
function spanLength(random: RandomStream, stop: number, maxLength: number): number {
  if (stop === 1) return 1;
  const within = 1 - (1 - stop) ** maxLength; // the share of the distribution that is not cut off
  return Math.min(maxLength, 1 + Math.floor(Math.log(1 - random.uniform() * within) / Math.log(1 - stop)));
}

function requireLengths(stop: number, maxLength: number): void {
  if (!(stop > 0 && stop <= 1)) {
    throw new UnlabelError('INVALID_OPTION', `stop is ${stop}.`, { fix: 'Give a number above 0, at most 1.' });
  }
  if (Number.isInteger(maxLength) && maxLength >= 1) return;
  throw new UnlabelError('INVALID_OPTION', `maxLength is ${maxLength}.`, { fix: 'Give a whole number, 1 or more.' });
}
