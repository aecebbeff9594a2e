import { UnlabelError } from '../errors';

/** A value for each step, counted from 0. */
export type Schedule = (step: number) => number;

/** A schedule that still has to learn how long the run is, and how long an epoch. */
export type RunSchedule = (totalSteps: number, stepsPerEpoch: number) => Schedule;

/** The same value at every step. */
export function constantSchedule(value: number): Schedule {
  return () => value;
}

/** From where to where, and for how long. */
export interface LinearScheduleOptions {
  readonly start: number;
  readonly end: number;
  /** Steps until `end`, which stays from there on. */ readonly steps: number;
}

/** A straight line: start + (end − start)·step/steps. */
export function linearSchedule(options: LinearScheduleOptions): Schedule {
  const { start, end, steps } = options;
  requireSteps({ steps });
  return (step) => (step < steps ? start + ((end - start) * step) / steps : end);
}

/** Where a value drops, and by how much. */
export interface StepScheduleOptions {
  readonly start: number;
  /** Steps at which the value is multiplied by `factor`. */ readonly milestones: readonly number[];
  /** Default 0.1. */ readonly factor?: number;
}

/** A staircase: start · factor^(milestones reached). */
export function stepSchedule(options: StepScheduleOptions): Schedule {
  const { start, milestones, factor = 0.1 } = options;
  return (step) => start * factor ** milestones.filter((milestone) => step >= milestone).length;
}

/** Extents of a {@link cosineSchedule}. */
export interface CosineScheduleOptions {
  /** All steps: frozen, warm-up and decay. */ readonly steps: number;
  /** Value at the top of the cosine, where warm-up leads. */ readonly start: number;
  /** Value at the bottom (default 0). */ readonly end?: number;
  /** Steps of linear warm-up (default 0). */ readonly warmupSteps?: number;
  /** Value at which warm-up starts (default 0). */ readonly warmupStart?: number;
  /** Steps at 0 before warm-up (default 0), as DINOv2 keeps its last layer. */ readonly frozenSteps?: number;
  /** How steps are counted (default `'lightly'`). */ readonly convention?: CosineConvention;
}

/**
 * Where steps fall on the ramp and on the cosine, by the code that it reproduces. With W steps of warm-up and T of decay,
 * the fraction of the ramp at step i, and of the cosine i steps after warm-up, is
 * - `'lightly'`: (i + 1)/W and i/(T − 1): the first step learns, the last one is at `end`
 * - `'mae'` (also MoCo v3, VICReg): i/W and i/T: the first step is at `warmupStart`
 * - `'dino'` (also DINOv2): i/(W − 1) and i/T
 * - `'ijepa'`: (i + 1)/W and (i + 1)/T
 */
export type CosineConvention = 'lightly' | 'mae' | 'dino' | 'ijepa';

interface Fractions {
  ramp(index: number, steps: number): number;
  cosine(index: number, steps: number): number;
}

const conventions: Readonly<Record<CosineConvention, Fractions>> = {
  lightly: { ramp: (i, w) => (i + 1) / w, cosine: (i, t) => i / (t - 1) },
  mae: { ramp: (i, w) => i / w, cosine: (i, t) => i / t },
  dino: { ramp: (i, w) => i / (w - 1), cosine: (i, t) => i / t },
  ijepa: { ramp: (i, w) => (i + 1) / w, cosine: (i, t) => (i + 1) / t },
};

/**
 * Linear warm-up to `start`, then half a cosine to `end`, which stays past the last step. For learning rates, weight decay
 * (`start` below `end`) and teacher momentum alike.
 * @throws UnlabelError `INVALID_OPTION` when nothing is left of `steps` after frozen ones and warm-up
 * @see Loshchilov & Hutter, SGDR, ICLR 2017, https://arxiv.org/abs/1608.03983
 */
export function cosineSchedule(options: CosineScheduleOptions): Schedule {
  const { steps, start, end = 0, warmupSteps = 0, warmupStart = 0, frozenSteps = 0 } = options;
  const { ramp, cosine } = conventions[options.convention ?? 'lightly'];
  const decaySteps = steps - warmupSteps - frozenSteps;
  requireSteps({ steps, 'steps after warm-up': decaySteps });
  return (step) => {
    const warm = step - frozenSteps;
    if (warm < 0) return 0;
    if (warm < warmupSteps) return warmupStart + (start - warmupStart) * clamp(ramp(warm, warmupSteps));
    const fraction = clamp(cosine(warm - warmupSteps, decaySteps));
    return end + ((start - end) * (1 + Math.cos(Math.PI * fraction))) / 2;
  };
}

/** To [0, 1]; a ramp or cosine of one step, 0/0, is at its end. */
function clamp(fraction: number): number {
  return Number.isNaN(fraction) ? 1 : Math.min(1, Math.max(0, fraction));
}

function requireSteps(counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (count > 0) continue;
    throw new UnlabelError('INVALID_OPTION', `A schedule was given ${count} ${name}.`, {
      fix: 'Train for more steps, or shorten the warm-up.',
    });
  }
}
