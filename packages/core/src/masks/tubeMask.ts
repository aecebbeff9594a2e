import { UnlabelError } from '../errors';
import type { ObjectiveDraws } from '../objective';
import type { RandomStream } from '../random';
import { type PatchGrid, randomRectangle } from './rectangle';

/** Which tubes {@link tubeMask} hides. */
export interface TubeMaskOptions {
  /** Tubes, which may overlap (default 8, V-JEPA's short-range mask; 2 in its long-range mask). */
  readonly blocks?: number;
  /** Share of a frame that each covers, in (0, 1) (default 0.15; 0.7 in the long-range mask). */ readonly scale?: number;
  /** Least and largest height over width (default `[0.75, 1.5]`). */ readonly aspect?: readonly [number, number];
}

/** Tokens of one clip, numbered by frames, then rows. */
export interface TubeMask {
  /** What the student sees, ascending. */ readonly context: readonly number[];
  /** What it predicts, ascending. */ readonly targets: readonly number[];
}

/**
 * Multi-block masking of a clip: the union of rectangles, each of random shape and place and the same in every frame, is
 * predicted from the rest. Placed anew until some of the frame is left.
 * @param random where the tubes come from
 * @param grid frames, rows and columns of tokens
 * @throws UnlabelError `INVALID_OPTION`, also when tubes have hidden whole frames 20 times in a row
 * @see Bardes et al., 2024, sec. 3.2, https://arxiv.org/abs/2404.08471
 */
export function tubeMask(
  random: RandomStream,
  grid: readonly [number, number, number],
  options: TubeMaskOptions = {},
): TubeMask {
  const { blocks = 8, scale = 0.15, aspect = [0.75, 1.5] } = options;
  requireTubes(blocks, scale);
  const [frames, rows, columns] = grid;
  for (let attempt = 0; attempt < 20; attempt++) {
    const hidden = hiddenPlaces(random, [rows, columns], { blocks, scale, aspect });
    if (hidden.size === rows * columns || hidden.size === 0) continue;
    const tokens = Array.from({ length: frames * rows * columns }, (_, token) => token);
    const isHidden = (token: number) => hidden.has(token % (rows * columns));
    return { context: tokens.filter((token) => !isHidden(token)), targets: tokens.filter(isHidden) };
  }
  throw new UnlabelError(
    'INVALID_OPTION',
    `${blocks} tubes of scale ${scale} hide all of ${rows} × ${columns}, or nothing.`,
    {
      fix: 'Use fewer or smaller tubes, or smaller patches.',
    },
  );
}

/** Places of a frame that any of the rectangles covers; all have one size. */
function hiddenPlaces(
  random: RandomStream,
  [rows, columns]: PatchGrid,
  { blocks, scale, aspect }: Required<TubeMaskOptions>,
): ReadonlySet<number> {
  const area = Math.floor(rows * columns * scale);
  const ratio = random.uniform(...aspect);
  const height = Math.min(rows, Math.round(Math.sqrt(area * ratio)));
  const width = Math.min(columns, Math.round(Math.sqrt(area / ratio)));
  const tubes = Array.from({ length: blocks }, () => randomRectangle(random, [rows, columns], [height, width]));
  return new Set(tubes.flat());
}

/** Those options, and the numbers of tokens that a step is compiled for. */
export interface TubeMaskDrawOptions extends TubeMaskOptions {
  /** Places of a frame that the student sees (default three quarters of what tubes leave if they do not avoid one another). */
  readonly contextPlaces?: number;
  /** Places of a frame that it predicts (default three quarters of what tubes hide, likewise). */
  readonly targetPlaces?: number;
}

/**
 * Masks of a batch, of fixed sizes: `masks/context` int32 `[batch, frames · contextPlaces]` and `masks/targets` int32
 * `[batch, frames · targetPlaces]`, tokens numbered by frames, then rows, ascending. They are a random part of what tubes
 * leave and hide, the same places in every frame; tubes are placed anew, up to 20 times, until there is enough of both. Only
 * where the options make that impossible do context and targets share places.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function tubeMaskDraws(
  grid: readonly [number, number, number],
  options: TubeMaskDrawOptions = {},
): ObjectiveDraws {
  const { blocks = 8, scale = 0.15, aspect = [0.75, 1.5] } = options;
  requireTubes(blocks, scale);
  const [frames, rows, columns] = grid;
  const places = rows * columns;
  const left = (1 - scale) ** blocks; // of a frame, if tubes are placed independently
  const { contextPlaces = Math.floor(0.75 * left * places) } = options;
  const { targetPlaces = Math.floor(0.75 * (1 - left) * places) } = options;
  requirePlaces({ contextPlaces, targetPlaces }, [rows, columns]);
  const [contextTokens, targetTokens] = [frames * contextPlaces, frames * targetPlaces];
  const maskOf = (random: RandomStream) => {
    const hidden = roomyPlaces(random, [rows, columns], { blocks, scale, aspect, contextPlaces, targetPlaces });
    const order = [...random.permutation(places)];
    const [seen, covered] = [order.filter((at) => !hidden.has(at)), order.filter((at) => hidden.has(at))];
    const everyFrame = (chosen: readonly number[]) =>
      Array.from({ length: frames }, (_, frame) => chosen.map((at) => frame * places + at)).flat();
    const first = (all: readonly number[], count: number) => all.slice(0, count).sort((a, b) => a - b);
    return {
      context: everyFrame(first([...seen, ...covered], contextPlaces)),
      targets: everyFrame(first([...covered, ...seen], targetPlaces)),
    };
  };
  return {
    specs: (batch) => ({
      'masks/context': { shape: [batch, contextTokens], dtype: 'int32' },
      'masks/targets': { shape: [batch, targetTokens], dtype: 'int32' },
    }),
    draw: (random, batch) => {
      const masks = Array.from({ length: batch }, () => maskOf(random));
      const contexts = Int32Array.from(masks.flatMap(({ context }) => context));
      const targets = Int32Array.from(masks.flatMap((mask) => mask.targets));
      return {
        'masks/context': { dtype: 'int32', shape: [batch, contextTokens], data: contexts },
        'masks/targets': { dtype: 'int32', shape: [batch, targetTokens], data: targets },
      };
    },
  };
}

/** The first of 20 placements that leaves and hides enough places, or the last of them. */
function roomyPlaces(
  random: RandomStream,
  grid: PatchGrid,
  { contextPlaces, targetPlaces, ...tubes }: Required<TubeMaskDrawOptions>,
): ReadonlySet<number> {
  const fits = ({ size }: ReadonlySet<number>) => size >= targetPlaces && grid[0] * grid[1] - size >= contextPlaces;
  let hidden = hiddenPlaces(random, grid, tubes);
  for (let attempt = 1; attempt < 20 && !fits(hidden); attempt++) hidden = hiddenPlaces(random, grid, tubes);
  return hidden;
}

function requirePlaces(counts: Readonly<Record<string, number>>, [rows, columns]: PatchGrid): void {
  for (const [name, count] of Object.entries(counts)) {
    if (Number.isInteger(count) && count >= 1 && count < rows * columns) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${count} on frames of ${rows} × ${columns} places.`, {
      fix: `Give an integer from 1 to ${rows * columns - 1}, or use fewer, smaller tubes or smaller patches.`,
    });
  }
}

function requireTubes(blocks: number, scale: number): void {
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new UnlabelError('INVALID_OPTION', `blocks is ${blocks}.`, { fix: 'Give 1 or more.' });
  }
  if (scale > 0 && scale < 1) return;
  throw new UnlabelError('INVALID_OPTION', `scale is ${scale}.`, {
    fix: 'Give a share above 0 and below 1: a mask must hide something and leave something.',
  });
}
