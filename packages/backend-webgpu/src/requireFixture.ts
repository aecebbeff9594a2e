/** Within `tolerance` of the largest magnitude, or of 0.01 for what is nothing but rounding. */
export function requireNear(
  name: string,
  found: readonly number[],
  expected: readonly number[],
  tolerance: number,
): void {
  const allowed = tolerance * Math.max(1e-2, ...expected.map(Math.abs));
  const apart = expected.findIndex((value, index) => !(Math.abs(value - (found[index] ?? Number.NaN)) <= allowed));
  require(apart < 0, `${name}[${apart}] is ${found[apart]} instead of ${expected[apart]}, ±${allowed}.`);
}

/** @throws Error saying `otherwise` */
export function require(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
