import { type RandomStream, UnlabelError } from '@unlabel/core';

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
  [rows, columns]: readonly [number, number],
  { blocks, scale, aspect }: Required<TubeMaskOptions>,
): ReadonlySet<number> {
  const area = Math.floor(rows * columns * scale);
  const ratio = random.uniform(...aspect);
  const height = Math.min(rows, Math.round(Math.sqrt(area * ratio)));
  const width = Math.min(columns, Math.round(Math.sqrt(area / ratio)));
  const hidden = new Set<number>();
  for (let block = 0; block < blocks; block++) {
    const [top, left] = [random.integer(rows - height + 1), random.integer(columns - width + 1)];
    for (let at = 0; at < height * width; at++) {
      hidden.add((top + Math.floor(at / width)) * columns + left + (at % width));
    }
  }
  return hidden;
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
