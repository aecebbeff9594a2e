import { type HostTensor, type HostTensors, hostTensor, randomStream, sizeOf } from '@unlabel/core';
import { requireThat } from './conformanceCase';

/** Standard normal values of that shape; the same for the same name. */
export function normalTensor(name: string, shape: readonly number[]): HostTensor {
  const random = randomStream(['conformance', name]);
  return hostTensor(
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );
}

/** Whole numbers in order: 0, 1, 2, … */
export function integerTensor(values: readonly number[]): HostTensor {
  return { dtype: 'int32', shape: [values.length], data: Int32Array.from(values) };
}

/**
 * Throws unless two sets of tensors have the same names, shapes and dtypes, and values that differ by no more than
 * `tolerance` times the largest magnitude of each.
 * @param least what that magnitude counts as at least
 */
export function requireEqual(found: HostTensors, expected: HostTensors, tolerance: number, least = 1): void {
  requireThat(
    Object.keys(found).sort().join() === Object.keys(expected).sort().join(),
    `Found ${Object.keys(found).sort().join()} instead of ${Object.keys(expected).sort().join()}.`,
  );
  for (const [name, want] of Object.entries(expected)) {
    const have = found[name];
    const specs = [have, want].map((tensor) => `${tensor?.dtype} [${tensor?.shape}]`);
    requireThat(specs[0] === specs[1], `${name} is ${specs[0]} instead of ${specs[1]}.`);
    const allowed = tolerance * Math.max(least, largest(want));
    const apart = want.data.findIndex((value, index) => {
      const other = have?.data[index] ?? Number.NaN;
      return !Object.is(value, other) && !(Math.abs(value - other) <= allowed);
    });
    requireThat(apart < 0, `${name}[${apart}] is ${have?.data[apart]} instead of ${want.data[apart]}, ±${allowed}.`);
  }
}

/** The largest finite magnitude. */
export function largest({ data }: HostTensor): number {
  let found = 0;
  for (const value of data) if (Number.isFinite(value)) found = Math.max(found, Math.abs(value));
  return found;
}
