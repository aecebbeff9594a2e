import { UnlabelError } from '../errors';
import { hostTensor } from '../hostTensor';
import type { ObjectiveDraws } from '../objective';
import type { RandomStream } from '../random';

/**
 * Draws a mask for each sample and view: `masks/0`, `masks/1`, …, float32 `[batch, tokens]`, 1 for hidden tokens. However
 * many tokens a mask hides, its shape is the same.
 * @param tokens of a sample
 * @param maskOf draws one mask, `tokens` long, such as `(random) => blockMask(random, [14, 14], 75)`
 * @param views that are masked (default 1)
 */
export function maskDraws(tokens: number, maskOf: (random: RandomStream) => Float32Array, views = 1): ObjectiveDraws {
  const named = <T>(make: () => T) =>
    Object.fromEntries(Array.from({ length: views }, (_, view) => [`masks/${view}`, make()]));
  return {
    specs: (batch) => named(() => ({ shape: [batch, tokens], dtype: 'float32' })),
    draw: (random, batch) =>
      named(() => {
        const masks = new Float32Array(batch * tokens);
        for (let sample = 0; sample < batch; sample++) masks.set(maskOf(random), sample * tokens);
        return hostTensor(masks, [batch, tokens]);
      }),
  };
}

/**
 * A mask must hide some tokens and leave some.
 * @param option what the number of hidden tokens comes from: its name and value, such as `ratio is 0.01`
 * @throws UnlabelError `INVALID_OPTION`
 */
export function requireSomeHidden(option: string, hidden: number, tokens: number): void {
  if (Number.isInteger(hidden) && hidden >= 1 && hidden < tokens) return;
  const result = hidden >= tokens ? 'hides all' : 'hides none';
  throw new UnlabelError('INVALID_OPTION', `${option}, which ${result} of ${tokens} tokens.`, {
    fix: 'A mask must hide some tokens and leave some: choose a value between, or smaller patches.',
  });
}
