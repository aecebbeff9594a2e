import {
  type BlockMaskOptions,
  blockMask,
  maskDraws,
  type ObjectiveDraws,
  type PatchGrid,
  type RandomStream,
  UnlabelError,
} from '@unlabel/core';

/** Which patches a student does not see. */
export interface MaskOptions extends BlockMaskOptions {
  /** Share of the views that are masked at all, in [0, 1] (default 0.5). */ maskProbability?: number;
  /** Least and largest share of a masked view's patches, in (0, 1) (default `[0.1, 0.5]`). */
  maskRatio?: readonly [number, number];
}

/**
 * Masks of each sample's global views, as iBOT and DINOv2 draw them: `masks/0`, `masks/1`, …, float32
 * `[batch, rows · columns]`, 1 for masked patches.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function globalViewMasks(grid: PatchGrid, views: number, options: MaskOptions = {}): ObjectiveDraws {
  const { maskProbability = 0.5, maskRatio: [least, most] = [0.1, 0.5] } = options;
  requireMasks(maskProbability, least, most);
  const tokens = grid[0] * grid[1];
  const maskOf = (random: RandomStream): Float32Array => {
    if (random.uniform() >= maskProbability) return new Float32Array(tokens);
    return blockMask(random, grid, Math.max(1, Math.floor(tokens * random.uniform(least, most))), options);
  };
  return maskDraws(tokens, maskOf, views);
}

function requireMasks(maskProbability: number, least: number, most: number): void {
  if (!(maskProbability > 0 && maskProbability <= 1)) {
    throw new UnlabelError('INVALID_OPTION', `maskProbability is ${maskProbability}.`, {
      fix: 'Give a share of the views above 0, and at most 1.',
    });
  }
  if (least > 0 && least <= most && most < 1) return;
  throw new UnlabelError('INVALID_OPTION', `maskRatio is [${least}, ${most}].`, {
    fix: 'Give two shares above 0 and below 1, the smaller one first: a mask must hide some patches and leave some.',
  });
}
