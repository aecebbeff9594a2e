import type { ObjectiveDraws } from '../objective';
import type { RandomStream } from '../random';
import { requireSomeHidden } from './hiddenTokens';

/** How much {@link randomMask} hides. */
export interface RandomMaskOptions {
  /** Share of the tokens that is hidden, in (0, 1) (default 0.75). */ readonly ratio?: number;
}

/** Tokens of one sample, by what becomes of them. */
export interface RandomMask {
  /** What the encoder sees, in random order. */ readonly visible: Int32Array;
  /** What it does not, in random order. */ readonly hidden: Int32Array;
  /** Where each token stands in `[...visible, ...hidden]`: a decoder gathers by it to have them in their places. */
  readonly restore: Int32Array;
}

/**
 * Hides a fixed number of tokens, each as likely as any other: MAE's random masking.
 * @param random gives each token a number; the smallest ones are visible
 * @throws UnlabelError `INVALID_OPTION`
 * @see He et al., Masked autoencoders are scalable vision learners, CVPR 2022, sec. 3, https://arxiv.org/abs/2111.06377
 */
export function randomMask(random: RandomStream, tokens: number, options: RandomMaskOptions = {}): RandomMask {
  const count = visibleTokens(tokens, options);
  const noise = Float64Array.from({ length: tokens }, () => random.uniform());
  const order = Int32Array.from({ length: tokens }, (_, token) => token);
  order.sort((a, b) => (noise[a] ?? 0) - (noise[b] ?? 0));
  const restore = new Int32Array(tokens);
  for (const [place, token] of order.entries()) restore[token] = place;
  return { visible: order.slice(0, count), hidden: order.slice(count), restore };
}

/**
 * Masks of a batch, of fixed sizes: `masks/visible` int32 `[batch, visible]`, `masks/hidden` int32 `[batch, hidden]` and
 * `masks/restore` int32 `[batch, tokens]`, as in {@link RandomMask}.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function randomMaskDraws(tokens: number, options: RandomMaskOptions = {}): ObjectiveDraws {
  const visible = visibleTokens(tokens, options);
  const lengths = { visible, hidden: tokens - visible, restore: tokens } as const;
  return {
    specs: (batch) => ({
      'masks/visible': { shape: [batch, lengths.visible], dtype: 'int32' },
      'masks/hidden': { shape: [batch, lengths.hidden], dtype: 'int32' },
      'masks/restore': { shape: [batch, lengths.restore], dtype: 'int32' },
    }),
    draw: (random, batch) => {
      const masks = Array.from({ length: batch }, () => randomMask(random, tokens, options));
      const stacked = (part: keyof RandomMask) => ({
        dtype: 'int32' as const, // else widened to string
        shape: [batch, lengths[part]],
        data: Int32Array.from(masks.flatMap((mask) => [...mask[part]])),
      });
      return {
        'masks/visible': stacked('visible'),
        'masks/hidden': stacked('hidden'),
        'masks/restore': stacked('restore'),
      };
    },
  };
}

/** ⌊tokens · (1 − ratio)⌋, short of rounding. */
function visibleTokens(tokens: number, { ratio = 0.75 }: RandomMaskOptions): number {
  const visible = Math.floor(tokens * (1 - ratio) + 1e-9);
  requireSomeHidden(`ratio is ${ratio}`, tokens - visible, tokens);
  return visible;
}
