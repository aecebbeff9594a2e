import type { NamedTensors } from '../backend';
import { UnlabelError } from '../errors';
import { tf } from '../tf';

/**
 * Exponential moving average, θ′ ← mθ′ + (1 − m)θ: the next values of a teacher that follows a student.
 * @param teacher θ′, by name
 * @param student θ, with at least the teacher's names
 * @param momentum m in [0, 1], a number or a scalar; 1 keeps the teacher
 * @throws UnlabelError `VARIABLE_MISSING`
 * @see Tarvainen & Valpola, NeurIPS 2017, https://arxiv.org/abs/1703.01780
 */
export function emaUpdate(teacher: NamedTensors, student: NamedTensors, momentum: number | tf.Scalar): NamedTensors {
  const share = tf.sub(1, momentum);
  const next = Object.entries(teacher).map(([name, old]) => {
    const current = student[name];
    if (!current) {
      throw new UnlabelError('VARIABLE_MISSING', `The student has no ${name} for the teacher to follow.`, {
        fix: 'Give both the same variables, with names relative to each network.',
      });
    }
    return [name, tf.add(tf.mul(old, momentum), tf.mul(current, share))] as const;
  });
  return Object.fromEntries(next);
}
