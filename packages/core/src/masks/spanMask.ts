import { UnlabelError } from '../errors';
import type { RandomStream } from '../random';
import { requireSomeHidden } from './hiddenTokens';

/** What {@link spanMask} hides. */
export interface SpanMaskOptions {
  /** Share of the steps that spans would cover if none overlapped, in (0, 1) (default 0.65, with which half is hidden). */
  readonly probability?: number;
  /** M, steps of a span (default 10). */ readonly spanLength?: number;
}

/**
 * Hides spans of one length that may overlap, each start as likely as any other: wav2vec 2.0's masking of latent speech.
 * The paper's p = 0.065 of all steps are starts: `probability` over `spanLength`, rounded up or down at random.
 * @param random where spans come from
 * @param length steps of the sequence
 * @returns 1 for hidden steps, else 0, `length` long
 * @throws UnlabelError `INVALID_OPTION`, also for a sequence that is no longer than a span
 * @see Baevski et al., wav2vec 2.0, NeurIPS 2020, sec. 3.1, https://arxiv.org/abs/2006.11477
 */
export function spanMask(random: RandomStream, length: number, options: SpanMaskOptions = {}): Float32Array {
  const { probability = 0.65, spanLength = 10 } = options;
  requireSpans(length, probability, spanLength);
  const wanted = Math.floor((probability * length) / spanLength + random.uniform());
  const starts = random.permutation(length - spanLength + 1).subarray(0, Math.max(1, wanted));
  const mask = new Float32Array(length);
  for (const [index, start] of starts.entries()) {
    if (index > 0 && wouldHideAll(mask, start, spanLength)) break;
    mask.fill(1, start, start + spanLength);
  }
  return mask;
}

/** Whether nothing but this span is left. */
function wouldHideAll(mask: Float32Array, start: number, spanLength: number): boolean {
  return mask.every((hidden, step) => hidden === 1 || (step >= start && step < start + spanLength));
}

function requireSpans(length: number, probability: number, spanLength: number): void {
  if (!(probability > 0 && probability < 1)) {
    throw new UnlabelError('INVALID_OPTION', `probability is ${probability}.`, {
      fix: 'Give a number above 0 and below 1: a mask must hide some steps and leave some.',
    });
  }
  requireSomeHidden(`spanLength is ${spanLength}`, spanLength, length);
}
