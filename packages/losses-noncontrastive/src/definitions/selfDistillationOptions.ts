import { z } from 'zod';

const width = z.int().positive();
const temperature = z.number().positive();
const epochs = z.int().nonnegative();

/** The options that `dino`, `ibot` and `dinov2` share. */
export const selfDistillationOptions = {
  studentTemperature: temperature.default(0.1).describe('τ_s, divides the student’s logits.'),
  teacherTemperature: temperature.default(0.07).describe('τ_t once it is warm.'),
  warmupTeacherTemperature: temperature.default(0.04).describe('τ_t of the first epoch.'),
  warmupEpochs: epochs.default(30).describe('Epochs over which τ_t goes from one to the other.'),
  freezeEpochs: epochs.default(1).describe('Epochs during which prototypes stay as they were drawn.'),
  centerMomentum: z.number().min(0).max(1).default(0.9).describe('Share of the old centre in the new one.'),
  localViews: epochs.describe('How many local crops the loader must give; default any number.').exactOptional(),
  hidden: z.array(width).default([2048, 2048]).describe('Widths of the head between input and bottleneck.'),
  bottleneck: width.default(256).describe('Length of the vectors that are compared with prototypes.'),
};

/** Options for a small encoder and a short run. */
export const smallSelfDistillation = {
  teacherTemperature: 0.04,
  warmupEpochs: 0,
  freezeEpochs: 0,
  momentum: 0.99,
  hidden: [256, 256],
  bottleneck: 64,
  prototypes: 256,
};

/** The same for methods whose head sees each patch, too. */
export const smallMaskedDistillation = { ...smallSelfDistillation, hidden: [128, 128], prototypes: 128 };

/** The options of masks, which `ibot` and `dinov2` share. */
export const maskOptions = {
  globalViews: z.int().min(1).default(2).describe('How many of the views, from the first, are global.'),
  maskProbability: z.number().gt(0).max(1).default(0.5).describe('Share of the global views that are masked at all.'),
  maskRatio: z
    .tuple([z.number().gt(0).lt(1), z.number().gt(0).lt(1)])
    .default([0.1, 0.5])
    .describe('Least and largest share of a masked view’s patches.'),
  minPatches: width.default(4).describe('Patches of the smallest masked rectangle.'),
  minAspect: z.number().gt(0).max(1).default(0.3).describe('Height over width of the flattest masked rectangle.'),
};
