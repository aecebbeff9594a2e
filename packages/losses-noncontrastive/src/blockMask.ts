import { hostTensor, type ObjectiveDraws, type RandomStream, UnlabelError } from '@unlabel/core';

/** How {@link blockMask} chooses its rectangles. */
export interface BlockMaskOptions {
  /** Patches of the smallest rectangle (default 4). */ readonly minPatches?: number;
  /** Height over width of the flattest rectangle, in (0, 1]; of the tallest, its inverse (default 0.3). */
  readonly minAspect?: number;
}

/**
 * A mask of rectangles that may overlap, each of random size, shape and place, until `count` patches are masked or no
 * further rectangle fits: BEiT, Algorithm 1.
 * @param random where the rectangles come from
 * @param grid rows and columns of patches
 * @param count patches to mask, the most that are masked
 * @returns 1 for masked patches, else 0, by rows, `rows · columns` long
 * @see Bao et al., BEiT, ICLR 2022, https://arxiv.org/abs/2106.08254
 */
export function blockMask(
  random: RandomStream,
  grid: readonly [number, number],
  count: number,
  options: BlockMaskOptions = {},
): Float32Array {
  const mask = new Float32Array(grid[0] * grid[1]);
  for (let left = count; left > 0; ) {
    const added = addRectangle(mask, random, grid, { most: left, minPatches: 4, minAspect: 0.3, ...options });
    if (added === 0) break;
    left -= added;
  }
  return mask;
}

/** Tries ten rectangles, and masks the first that adds between 1 and `most` patches; says how many it added. */
function addRectangle(
  mask: Float32Array,
  random: RandomStream,
  [rows, columns]: readonly [number, number],
  { most, minPatches, minAspect }: Required<BlockMaskOptions> & { readonly most: number },
): number {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = random.uniform(minPatches, most);
    const aspect = Math.exp(random.uniform(Math.log(minAspect), -Math.log(minAspect)));
    const [height, width] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (height >= rows || width >= columns) continue;
    const [top, left] = [random.integer(rows - height + 1), random.integer(columns - width + 1)];
    const inside = Array.from({ length: height * width }, (_, at) => {
      return (top + Math.floor(at / width)) * columns + left + (at % width);
    });
    const added = inside.filter((patch) => mask[patch] === 0);
    if (added.length === 0 || added.length > most) continue;
    for (const patch of added) mask[patch] = 1;
    return added.length;
  }
  return 0;
}

/** Which patches a student does not see. */
export interface MaskOptions extends BlockMaskOptions {
  /** Share of the views that are masked at all, in [0, 1] (default 0.5). */ maskProbability?: number;
  /** Least and largest share of a masked view's patches, in (0, 1) (default `[0.1, 0.5]`). */
  maskRatio?: readonly [number, number];
}

/**
 * Masks of each sample's global views: `masks/0`, `masks/1`, …, float32 `[batch, rows · columns]`, 1 for masked patches.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function maskDraws(grid: readonly [number, number], views: number, options: MaskOptions = {}): ObjectiveDraws {
  const { maskProbability = 0.5, maskRatio: [least, most] = [0.1, 0.5] } = options;
  requireMasks(maskProbability, least, most);
  const tokens = grid[0] * grid[1];
  const named = <T>(make: () => T) =>
    Object.fromEntries(Array.from({ length: views }, (_, view) => [`masks/${view}`, make()]));
  const maskOf = (random: RandomStream): Float32Array => {
    if (random.uniform() >= maskProbability) return new Float32Array(tokens);
    return blockMask(random, grid, Math.max(1, Math.floor(tokens * random.uniform(least, most))), options);
  };
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
