import { z } from 'zod';
import type { RowTable } from '../rows/rowTable';

/** Statistics per feature. */
export const rowNormalise = z
  .strictObject({ mean: z.array(z.number()), std: z.array(z.number().positive()) })
  .exactOptional()
  .describe('per feature');

/** Rows to take values from: a table of {@link readRowTable}, or, in a config, rows of numbers. */
export const reference = z
  .union([
    z.strictObject({ data: z.instanceof(Float32Array), features: z.int().positive() }),
    z
      .array(z.array(z.number()).min(1))
      .min(1)
      .refine((rows) => rows.every((row) => row.length === rows[0]?.length), 'rows of one length'),
  ])
  .describe('rows whose values replace those of others');

/** The table that was given. */
export function tableOf(given: z.output<typeof reference>): RowTable {
  return Array.isArray(given) ? { data: Float32Array.from(given.flat()), features: given[0]?.length ?? 0 } : given;
}
