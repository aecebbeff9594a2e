import { UnlabelError } from '../errors';
import { tf } from '../tf';

/**
 * Fixed sine and cosine positions of a grid, with wavelengths from 2π to 10000·2π. Each axis has an equal share of `dim`,
 * half of it sines: in one dimension as in Vaswani et al. 2017, in two the column first and the row second as in MAE and
 * I-JEPA, in three time, row and column as in V-JEPA.
 * @param grid extents, such as `[14]`, `[rows, columns]` or `[frames, rows, columns]`; tokens run along the last first
 * @param dim divisible by 2 for each axis; in three dimensions any even length, what is over being cut off
 * @returns `[tokens, dim]`
 * @throws UnlabelError `INVALID_OPTION`
 */
export function sinCosPositions(grid: readonly number[], dim: number): tf.Tensor2D {
  const axes = axisOrder(grid.length);
  const share = grid.length === 3 ? 2 * Math.ceil(dim / 6) : dim / grid.length;
  if (axes.length === 0 || share % 2 !== 0 || dim % 2 !== 0) {
    throw new UnlabelError('INVALID_OPTION', `Positions of a grid [${grid}] do not fit a dim of ${dim}.`, {
      fix: 'Use a grid of one to three axes, and a dim divisible by 2 for each (any even one for three).',
    });
  }
  const tokens = grid.reduce((product, extent) => product * extent, 1);
  const rows = Array.from({ length: tokens }, (_, token) => {
    const place = coordinates(token, grid);
    return axes.flatMap((axis) => sinCos(place[axis] ?? 0, share)).slice(0, dim);
  });
  return tf.tensor2d(Float32Array.from(rows.flat()), [tokens, dim]);
}

/** Which coordinate each share of a position encodes. */
function axisOrder(axes: number): readonly number[] {
  return { 1: [0], 2: [1, 0], 3: [0, 1, 2] }[axes] ?? [];
}

/** Sines, then cosines, of position / 10000^(i / half). */
function sinCos(position: number, length: number): number[] {
  const half = length / 2;
  const angles = Array.from({ length: half }, (_, index) => position / 10000 ** (index / half));
  return [...angles.map(Math.sin), ...angles.map(Math.cos)];
}

function coordinates(token: number, grid: readonly number[]): number[] {
  let rest = token;
  return grid
    .toReversed()
    .map((extent) => {
      const coordinate = rest % extent;
      rest = Math.floor(rest / extent);
      return coordinate;
    })
    .reverse();
}
