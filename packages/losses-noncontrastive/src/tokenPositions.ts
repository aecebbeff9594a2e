import { tf, UnlabelError } from '@unlabel/core';

/** What tokens lie on. */
export interface TokenGridShape {
  /** Tokens of a view. */ readonly tokens: number;
  /** The view, `[batch, height, width, channels]`. */ readonly view: readonly number[];
}

/**
 * Where the middles of a view's tokens lie in the image that it was cut from. Tokens divide the view evenly, row by row.
 * @param location top, left, bottom and right of the view in the image, `[batch, 4]`; left exceeds right in mirrored views
 * @returns row and column in the unit of `location`, `[batch, tokens, 2]`
 * @throws UnlabelError `SHAPE_MISMATCH`
 */
export function tokenPositions(location: tf.Tensor, { tokens, view }: TokenGridShape): tf.Tensor3D {
  const [batch = 0, edges] = location.shape;
  if (location.rank !== 2 || edges !== 4 || batch !== view[0]) {
    throw new UnlabelError('SHAPE_MISMATCH', `Locations of a view are [${location.shape}], of views [${view}].`, {
      fix: 'Give [batch, 4]: top, left, bottom and right of each view.',
    });
  }
  const [rows, columns] = gridOf(tokens, view);
  const middles = (count: number) => Array.from({ length: count }, (_, at) => (at + 0.5) / count);
  const down = tf.tensor2d(
    middles(rows).flatMap((row) => Array(columns).fill(row)),
    [1, tokens],
  );
  const along = tf.tensor2d(Array.from({ length: rows }, () => middles(columns)).flat(), [1, tokens]);
  const edge = (at: number) => tf.slice2d(tf.reshape(location, [batch, 4]), [0, at], [-1, 1]);
  const between = (from: tf.Tensor2D, to: tf.Tensor2D, share: tf.Tensor2D) =>
    tf.add<tf.Tensor2D>(from, tf.mul(tf.sub(to, from), share));
  return tf.stack([between(edge(0), edge(2), down), between(edge(1), edge(3), along)], 2);
}

/** Rows and columns whose product is the number of tokens, and whose ratio is nearest to the view's. */
function gridOf(tokens: number, [, height = 1, width = 1]: readonly number[]): readonly [number, number] {
  const rows = Array.from({ length: tokens }, (_, index) => index + 1).filter((count) => tokens % count === 0);
  const misfit = (count: number) => Math.abs(Math.log((count * count) / tokens) - Math.log(height / width));
  const [best = 1] = rows.toSorted((a, b) => misfit(a) - misfit(b));
  return [best, tokens / best];
}
