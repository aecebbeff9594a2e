import type { NamedTensors } from '../backend';
import { UnlabelError } from '../errors';
import { fusedUpdate } from '../fusedUpdate';
import { tf } from '../tf';

/**
 * Exponential moving average, θ′ ← mθ′ + (1 − m)θ: the next values of a teacher that follows a student.
 * @param teacher θ′, by name
 * @param student θ, with at least the teacher's names
 * @param momentum m in [0, 1], a number or a scalar; 1 keeps the teacher
 * @param options `donated` gives the teacher away: its old values are not read again, and the backend may write the new
 *   ones into the same memory (default false)
 * @throws UnlabelError `VARIABLE_MISSING`
 * @see Tarvainen & Valpola, NeurIPS 2017, https://arxiv.org/abs/1703.01780
 */
export function emaUpdate(
  teacher: NamedTensors,
  student: NamedTensors,
  momentum: number | tf.Scalar,
  { donated = false }: { readonly donated?: boolean } = {},
): NamedTensors {
  const names = Object.keys(teacher);
  const pairs = Object.entries(teacher).map(([name, old]) => {
    const current = student[name];
    if (!current) {
      throw new UnlabelError('VARIABLE_MISSING', `The student has no ${name} for the teacher to follow.`, {
        fix: 'Give both the same variables, with names relative to each network.',
      });
    }
    return { teacher: old, student: current };
  });
  const next = fusedUpdate(
    'ema',
    () => ({ pairs, momentum: typeof momentum === 'number' ? tf.scalar(momentum) : momentum, donated }),
    () => {
      const share = tf.sub(1, momentum);
      return pairs.map(({ teacher, student }) => tf.add(tf.mul(teacher, momentum), tf.mul(student, share)));
    },
  );
  return Object.fromEntries(next.map((tensor, index) => [names[index], tensor] as const));
}
