import { UnlabelError } from '../errors';
import type { RandomStream } from '../random';
import { type PatchGrid, randomRectangle } from './rectangle';

/** How {@link blockMask} chooses its rectangles. */
export interface BlockMaskOptions {
  /** Patches of the smallest rectangle (default 4, DINOv2's; BEiT's 16). */ readonly minPatches?: number;
  /** Height over width of the flattest rectangle, in (0, 1]; of the tallest, its inverse (default 0.3). */
  readonly minAspect?: number;
}

/**
 * A mask of rectangles that may overlap, each of random size, shape and place, until `count` patches are masked or no
 * further rectangle fits: BEiT, Algorithm 1, whose recipe masks 75 of 14 × 14 patches with `minPatches: 16`.
 * @param random where the rectangles come from
 * @param grid rows and columns of patches
 * @param count patches to mask, the most that are masked
 * @returns 1 for masked patches, else 0, by rows, `rows · columns` long
 * @throws UnlabelError `INVALID_OPTION` for a count of all patches, or options out of their ranges
 * @see Bao et al., BEiT, ICLR 2022, https://arxiv.org/abs/2106.08254
 */
export function blockMask(
  random: RandomStream,
  grid: PatchGrid,
  count: number,
  options: BlockMaskOptions = {},
): Float32Array {
  const settings = { minPatches: 4, minAspect: 0.3, ...options };
  requireBlocks(grid, count, settings);
  const mask = new Float32Array(grid[0] * grid[1]);
  for (let left = count; left > 0; ) {
    const added = addRectangle(mask, random, grid, { most: left, ...settings });
    if (added === 0) break;
    left -= added;
  }
  return mask;
}

/** Tries ten rectangles, and masks the first that adds between 1 and `most` patches; says how many it added. */
function addRectangle(
  mask: Float32Array,
  random: RandomStream,
  grid: PatchGrid,
  { most, minPatches, minAspect }: Required<BlockMaskOptions> & { readonly most: number },
): number {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = random.uniform(minPatches, most);
    const aspect = Math.exp(random.uniform(Math.log(minAspect), -Math.log(minAspect)));
    const [height, width] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (height >= grid[0] || width >= grid[1]) continue;
    const added = randomRectangle(random, grid, [height, width]).filter((patch) => mask[patch] === 0);
    if (added.length === 0 || added.length > most) continue;
    for (const patch of added) mask[patch] = 1;
    return added.length;
  }
  return 0;
}

function requireBlocks([rows, columns]: PatchGrid, count: number, options: Required<BlockMaskOptions>): void {
  const { minPatches, minAspect } = options;
  if (!(Number.isInteger(count) && count >= 0 && count < rows * columns)) {
    throw new UnlabelError('INVALID_OPTION', `count is ${count} of ${rows} × ${columns} patches.`, {
      fix: 'Give a whole number below that of all patches: a mask must leave some.',
    });
  }
  if (!(minPatches > 0)) {
    throw new UnlabelError('INVALID_OPTION', `minPatches is ${minPatches}.`, { fix: 'Give 1 or more.' });
  }
  if (minAspect > 0 && minAspect <= 1) return;
  throw new UnlabelError('INVALID_OPTION', `minAspect is ${minAspect}.`, { fix: 'Give a number above 0, at most 1.' });
}
