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
  const waves = Array.from({ length: share / 2 }, (_, index) => 1 / 10000 ** (index / (share / 2)));
  const positions = new Float32Array(tokens * dim);
  for (let token = 0; token < tokens; token++) {
    const place = coordinates(token, grid);
    const row = positions.subarray(token * dim, (token + 1) * dim);
    axes.forEach((axis, index) => {
      writeSinCos(row.subarray(index * share), place[axis] ?? 0, waves);
    });
  }
  return tf.tensor2d(positions, [tokens, dim]);
}

/** Which coordinate each share of a position encodes. */
function axisOrder(axes: number): readonly number[] {
  return { 1: [0], 2: [1, 0], 3: [0, 1, 2] }[axes] ?? [];
}

/** Sines, then cosines, of position · wave; what is over the end of `into` is cut off. */
function writeSinCos(into: Float32Array, position: number, waves: readonly number[]): void {
  waves.forEach((wave, index) => {
    into[index] = Math.sin(position * wave);
    into[waves.length + index] = Math.cos(position * wave);
  });
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
