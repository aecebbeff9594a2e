import { type RunSchedule, requirePositive, teacherMomentum, UnlabelError, type Variable, zeros } from '@unlabel/core';
import type { DinoHeadOptions } from './dinoHead';

/** What DINO, iBOT and DINOv2 have in common, as methods. */
export interface SelfDistillationOptions extends DinoHeadOptions {
  /** τ_s, divides the student's logits, > 0 (default 0.1). */ studentTemperature?: number;
  /** τ_t once it is warm, > 0 (default 0.07). */ teacherTemperature?: number;
  /** τ_t of the first epoch, > 0 (default 0.04). */ warmupTeacherTemperature?: number;
  /** Epochs over which τ_t goes from one to the other, in equal steps (default 30; 0 for none). */ warmupEpochs?: number;
  /** Epochs during which prototypes stay as they were drawn (default 1). */ freezeEpochs?: number;
  /** Share of the old centre in the new one, in [0, 1] (default 0.9); 1 leaves it at 0. */ centerMomentum?: number;
}

/** Schedules of these methods, by name; the teacher's momentum rises from `momentum` to 1. */
export function selfDistillationSchedules(
  options: SelfDistillationOptions,
  momentum: number,
): Readonly<Record<'teacherTemperature' | 'momentum' | 'live', RunSchedule>> {
  const { studentTemperature = 0.1, teacherTemperature = 0.07, warmupTeacherTemperature = 0.04 } = options;
  const { warmupEpochs: epochs = 30, freezeEpochs = 1 } = options;
  requirePositive({ studentTemperature, teacherTemperature, warmupTeacherTemperature });
  const warmup = { start: warmupTeacherTemperature, end: teacherTemperature, epochs };
  return {
    teacherTemperature: (_, stepsPerEpoch) => (step) => warmedTemperature(Math.floor(step / stepsPerEpoch), warmup),
    momentum: teacherMomentum(momentum),
    live: (_, stepsPerEpoch) => (step) => (step < freezeEpochs * stepsPerEpoch ? 0 : 1),
  };
}

/** τ_t of an epoch, counted from 0: `start` in the first, `end` in the last of `epochs` and from there on. */
export function warmedTemperature(
  epoch: number,
  { start, end, epochs }: { readonly start: number; readonly end: number; readonly epochs: number },
): number {
  if (epoch >= epochs) return end;
  return start + ((end - start) * epoch) / Math.max(1, epochs - 1);
}

/** A centre of logits, `[1, prototypes]`, first 0; the step itself moves it. */
export function centerVariable({ prototypes = 65536 }: DinoHeadOptions): Variable {
  return { shape: [1, prototypes], initial: zeros, trainable: false };
}

/**
 * Checks that a batch has the local crops that an option asks for, if it asks.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function requireLocalViews(given: number, localViews: number | undefined): void {
  if (localViews === undefined || localViews === given) return;
  throw new UnlabelError('INVALID_OPTION', `localViews is ${localViews}, but the loader gives ${given} local crops.`, {
    fix: 'Let the view pipeline make as many crops of a second, smaller shape.',
  });
}
