import { z } from 'zod';

/** The options that `msn` and `pmsn` share. */
export const maskedSiameseOptions = {
  temperature: z.number().positive().default(0.1).describe('τ, divides the cosines with prototypes.'),
  sharpening: z.number().gt(0).max(1).default(0.25).describe('T, targets are raised to 1/T.'),
  sinkhornIterations: z.int().nonnegative().default(3).describe('Rounds of Sinkhorn–Knopp on the targets.'),
  maskRatio: z.number().gt(0).lt(1).default(0.15).describe('Share of the patches of global anchors that is left out.'),
  prototypes: z.int().min(2).default(1024).describe('How many prototypes.'),
  projector: z
    .array(z.int().positive())
    .min(1)
    .default([2048, 2048, 256])
    .describe('Widths of the projector after the encoder’s own.'),
  momentum: z.number().min(0).max(1).default(0.996).describe('Of the teacher; rises to 1 by a cosine.'),
  localViews: z.int().nonnegative().describe('How many local crops the loader must give; default any.').exactOptional(),
};

/** Options for a small encoder and a short run. */
export const smallMaskedSiamese = { prototypes: 128, projector: [256, 64], momentum: 0.99 };
