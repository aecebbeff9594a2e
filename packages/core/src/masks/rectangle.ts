import type { RandomStream } from '../random';

/** Rows and columns of patches. */
export type PatchGrid = readonly [number, number];

/**
 * A rectangle of that height and width, placed anywhere on a grid with the same probability.
 * @returns its patches, numbered by rows, ascending
 */
export function randomRectangle(
  random: RandomStream,
  [rows, columns]: PatchGrid,
  [height, width]: PatchGrid,
): readonly number[] {
  const [top, left] = [random.integer(rows - height + 1), random.integer(columns - width + 1)];
  return Array.from({ length: height * width }, (_, at) => {
    return (top + Math.floor(at / width)) * columns + left + (at % width);
  });
}
