import { UnlabelError } from '../errors';
import type { ObjectiveDraws } from '../objective';
import type { RandomStream } from '../random';
import { type PatchGrid, randomRectangle } from './rectangle';

/** How large a block is, and of what shape. */
export interface BlockSizeOptions {
  /** Least and largest share of the grid, in (0, 1]. */ readonly scale: readonly [number, number];
  /** Least and largest height over width. */ readonly aspect: readonly [number, number];
}

/**
 * Height and width in patches of a block: one number drives both its share of the grid and its aspect ratio, and a block is
 * smaller than the grid along either axis, as in I-JEPA's code.
 * @param u in [0, 1)
 * @see Assran et al., CVPR 2023, sec. 3, https://arxiv.org/abs/2301.08243
 */
export function blockSize(u: number, grid: PatchGrid, options: BlockSizeOptions): PatchGrid {
  const { scale, aspect } = options;
  const between = ([least, most]: readonly [number, number]) => least + u * (most - least);
  const area = Math.floor(grid[0] * grid[1] * between(scale));
  const height = roundHalfToEven(Math.sqrt(area * between(aspect)));
  const width = roundHalfToEven(Math.sqrt(area / between(aspect)));
  return [Math.min(height, grid[0] - 1), Math.min(width, grid[1] - 1)];
}

/** Python's rounding, which the reference sizes have. */
function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Which patches I-JEPA shows its student, and which it has it predict. */
export interface MultiBlockOptions {
  /** M, blocks to predict (default 4). */ readonly targetBlocks?: number;
  /** Share of the grid of such a block (default `[0.15, 0.2]`). */ readonly targetScale?: readonly [number, number];
  /** Its height over width (default `[0.75, 1.5]`). */ readonly targetAspect?: readonly [number, number];
  /** Share of the grid of the square block that the context is cut from (default `[0.85, 1]`). */
  readonly contextScale?: readonly [number, number];
}

/** Patches of one image, numbered by rows. */
export interface MultiBlockMask {
  /** Of the context block, without those of all targets, ascending. */ readonly context: readonly number[];
  /** Of each target block, ascending; blocks may overlap. */ readonly targets: readonly (readonly number[])[];
}

/** Sizes that all images of a batch have in common. */
export type MultiBlockSizes = Readonly<Record<'target' | 'context', PatchGrid>>;

/** Draws the sizes of blocks for a batch. */
export function multiBlockSizes(
  random: RandomStream,
  grid: PatchGrid,
  options: MultiBlockOptions = {},
): MultiBlockSizes {
  return {
    target: blockSize(random.uniform(), grid, targetSize(options)),
    context: blockSize(random.uniform(), grid, { scale: options.contextScale ?? [0.85, 1], aspect: [1, 1] }),
  };
}

function targetSize({ targetScale = [0.15, 0.2], targetAspect = [0.75, 1.5] }: MultiBlockOptions): BlockSizeOptions {
  return { scale: targetScale, aspect: targetAspect };
}

/**
 * Places blocks of these sizes on one image: multi-block masking, with as many patches in the context as the targets leave.
 * The authors' code never lets a block touch the last row or column; here every place is as likely.
 * @see Assran et al., CVPR 2023, sec. 3, https://arxiv.org/abs/2301.08243
 */
export function multiBlockMask(
  random: RandomStream,
  grid: PatchGrid,
  sizes: MultiBlockSizes,
  options: MultiBlockOptions = {},
): MultiBlockMask {
  const { targetBlocks = 4 } = options;
  const targets = Array.from({ length: targetBlocks }, () => randomRectangle(random, grid, sizes.target));
  const covered = new Set(targets.flat());
  return { context: randomRectangle(random, grid, sizes.context).filter((patch) => !covered.has(patch)), targets };
}

/** Those options, and the numbers of patches that a step is compiled for. */
export interface MultiBlockDrawOptions extends MultiBlockOptions {
  /** Patches of the context (default 30 % of the grid). */ readonly contextTokens?: number;
  /** Patches of each target, from its first row on (default the area of the smallest target block). */
  readonly targetTokens?: number;
}

/**
 * Masks of a batch, of fixed sizes: `masks/context` int32 `[batch, contextTokens]` and `masks/targets` int32
 * `[batch, targetBlocks, targetTokens]`, patches numbered by rows, ascending. Context patches are a random part of what
 * the targets leave; blocks are placed anew, up to 20 times, until they leave enough. Only where the grid is too small for
 * that does a context hold patches of targets.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function multiBlockDraws(grid: PatchGrid, options: MultiBlockDrawOptions = {}): ObjectiveDraws {
  const { targetBlocks = 4 } = options;
  const smallest = smallestTarget(grid, options);
  const { contextTokens = Math.floor(0.3 * grid[0] * grid[1]), targetTokens = smallest } = options;
  requireTokens(grid, { contextTokens, targetTokens, targetBlocks, smallest });
  return {
    specs: (batch) => ({
      'masks/context': { shape: [batch, contextTokens], dtype: 'int32' },
      'masks/targets': { shape: [batch, targetBlocks, targetTokens], dtype: 'int32' },
    }),
    draw: (random, batch) => {
      const sizes = multiBlockSizes(random, grid, options);
      const place = () => multiBlockMask(random, grid, sizes, options);
      const masks = Array.from({ length: batch }, () => roomiest(place, contextTokens));
      const contexts = masks.flatMap((mask) => contextOf(random, grid, mask, contextTokens));
      const targets = masks.flatMap((mask) => mask.targets.flatMap((target) => target.slice(0, targetTokens)));
      return {
        'masks/context': { dtype: 'int32', shape: [batch, contextTokens], data: Int32Array.from(contexts) },
        'masks/targets': {
          dtype: 'int32',
          shape: [batch, targetBlocks, targetTokens],
          data: Int32Array.from(targets),
        },
      };
    },
  };
}

/** The first of 20 masks that leaves enough context, or that which leaves most. */
function roomiest(place: () => MultiBlockMask, contextTokens: number): MultiBlockMask {
  let best = place();
  for (let attempt = 1; attempt < 20 && best.context.length < contextTokens; attempt++) {
    const other = place();
    if (other.context.length > best.context.length) best = other;
  }
  return best;
}

/** So many patches of the context, and others only where it has too few. */
function contextOf(random: RandomStream, grid: PatchGrid, { context }: MultiBlockMask, count: number): number[] {
  const order = [...random.permutation(grid[0] * grid[1])];
  const free = new Set(context);
  const freeFirst = [...order.filter((patch) => free.has(patch)), ...order.filter((patch) => !free.has(patch))];
  return freeFirst.slice(0, count).sort((a, b) => a - b);
}

/** Patches of the smallest target block that can be drawn. */
function smallestTarget(grid: PatchGrid, options: MultiBlockOptions): number {
  const areas = Array.from({ length: 1000 }, (_, step) => {
    const [height, width] = blockSize(step / 1000, grid, targetSize(options));
    return height * width;
  });
  return Math.min(...areas);
}

function requireTokens(grid: PatchGrid, counts: Readonly<Record<string, number>>): void {
  const { contextTokens = 0, targetTokens = 0, targetBlocks = 0, smallest = 0 } = counts;
  const tokens = grid[0] * grid[1];
  const ranges = { contextTokens: [contextTokens, tokens - 1], targetTokens: [targetTokens, smallest] } as const;
  for (const [name, [count, most]] of Object.entries(ranges)) {
    if (Number.isInteger(count) && count >= 1 && count <= most) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${count} on a grid of ${grid[0]} × ${grid[1]} patches.`, {
      fix: most < 1 ? 'Use smaller patches, or larger blocks.' : `Give an integer from 1 to ${most}.`,
    });
  }
  if (Number.isInteger(targetBlocks) && targetBlocks >= 1) return;
  throw new UnlabelError('INVALID_OPTION', `targetBlocks is ${targetBlocks}.`, { fix: 'Give 1 or more; 4 is usual.' });
}
