import { UnlabelError } from './errors';
import type { LayerContext, Variable, Variables } from './nn/layer';
import { emaUpdate } from './optim/ema';
import { constantSchedule, cosineSchedule, linearSchedule, type RunSchedule } from './optim/schedules';
import type { tf } from './tf';

/**
 * A copy of a network that follows it: `teacher/<name>` for each variable, first the student's value, never trained. Apply
 * the student's layers with `context.scope('teacher')`; batch norm then keeps the teacher's own statistics.
 * @param student variables by root-level name, as `variablesOf({ encoder, projector })` gives them
 */
export function teacherOf(student: Variables): Variables {
  const copies = Object.entries(student).map(([name, { shape }]): [string, Variable] => [
    `teacher/${name}`,
    { shape, initial: { copyOf: name }, trainable: false },
  ]);
  return Object.fromEntries(copies);
}

/**
 * θ′ ← mθ′ + (1 − m)θ for every trained variable of the student, in `afterUpdate`. Statistics of batches stay the teacher's.
 * Tensors that `context.get` gave of the teacher before may hold the new values afterwards.
 * @param student what {@link teacherOf} was given
 * @param momentum m in [0, 1]
 */
export function moveTeacher(context: LayerContext, student: Variables, momentum: number | tf.Scalar): void {
  const trained = Object.keys(student).filter((name) => student[name]?.trainable);
  const values = (of: LayerContext) => Object.fromEntries(trained.map((name) => [name, of.get(name)]));
  const teacher = context.scope('teacher');
  const moved = emaUpdate(values(teacher), values(context), momentum, { donated: true });
  for (const [name, value] of Object.entries(moved)) {
    teacher.update(name, value);
  }
}

/** How a {@link teacherMomentum} runs. */
export interface TeacherMomentumOptions {
  /** m after the last step, in [0, 1] (default 1: the teacher comes to rest). */ readonly end?: number;
  /** Half a cosine (default), as BYOL and DINO have it; I-JEPA's straight line; or `start` throughout, as in MoCo. */
  readonly shape?: 'cosine' | 'linear' | 'constant';
}

/**
 * The momentum m of a teacher over a run: `start` at step 0, `end` after the last one.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Grill et al., BYOL, 2020, sec. 3.3, https://arxiv.org/abs/2006.07733
 */
export function teacherMomentum(start: number, options: TeacherMomentumOptions = {}): RunSchedule {
  const { end = 1, shape = 'cosine' } = options;
  for (const momentum of [start, end]) {
    if (momentum >= 0 && momentum <= 1) continue;
    throw new UnlabelError('INVALID_OPTION', `momentum is ${momentum}.`, {
      fix: 'Give a number from 0 to 1, such as 0.99.',
    });
  }
  if (shape === 'constant') return () => constantSchedule(start);
  return (steps) =>
    shape === 'linear'
      ? linearSchedule({ start, end, steps })
      : cosineSchedule({ start, end, steps, convention: 'dino' });
}
