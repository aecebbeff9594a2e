import { UnlabelError } from '../errors';
import type { RandomStream } from '../random';
import { requireSomeHidden } from './hiddenTokens';
import type { PatchGrid } from './rectangle';

/** What {@link unitMask} hides. */
export interface UnitMaskOptions {
  /** Side of a square of patches that is hidden as a whole: 32 pixels over the patch's side (default 2, for patches of 16). */
  readonly unit?: number;
  /** Share of the squares that is hidden, in (0, 1) (default 0.6). */ readonly ratio?: number;
}

/**
 * Hides a fixed number of squares larger than a patch, each as likely as any other: SimMIM's masking.
 * @param random where they come from
 * @param grid rows and columns of patches, multiples of `unit`
 * @returns 1 for hidden patches, else 0, by rows, `rows · columns` long
 * @throws UnlabelError `INVALID_OPTION`
 * @see Xie et al., SimMIM, CVPR 2022, sec. 3.2, https://arxiv.org/abs/2111.09886
 */
export function unitMask(random: RandomStream, grid: PatchGrid, options: UnitMaskOptions = {}): Float32Array {
  const { unit = 2, ratio = 0.6 } = options;
  const [rows, columns] = grid;
  requireWholeUnits(grid, unit);
  const across = columns / unit;
  const units = (rows / unit) * across;
  const count = Math.ceil(units * ratio - 1e-9);
  requireSomeHidden(`ratio is ${ratio} with squares of ${unit} × ${unit} patches`, count, units);
  const hidden = new Set(random.permutation(units).subarray(0, count));
  return Float32Array.from({ length: rows * columns }, (_, patch) => {
    const [row, column] = [Math.floor(patch / columns), patch % columns];
    return hidden.has(Math.floor(row / unit) * across + Math.floor(column / unit)) ? 1 : 0;
  });
}

function requireWholeUnits([rows, columns]: PatchGrid, unit: number): void {
  if (Number.isInteger(unit) && unit >= 1 && rows % unit === 0 && columns % unit === 0) return;
  throw new UnlabelError('INVALID_OPTION', `unit is ${unit} on a grid of ${rows} × ${columns} patches.`, {
    fix: 'Give a whole number that divides rows and columns.',
  });
}
