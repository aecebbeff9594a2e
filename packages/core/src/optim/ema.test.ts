import { beforeAll, expect, test } from 'vitest';
import golden from '../../golden/ema_update.json' with { type: 'json' };
import { cpu } from '../backends/cpu';
import { UnlabelError } from '../errors';
import { expectGolden, fromGolden } from '../goldenFixture';
import { tf } from '../tf';
import { emaUpdate } from './ema';

beforeAll(async () => {
  await cpu().open();
});

test('follows the student as the reference does, with numbers and scalars for momentum', () => {
  const { inputs, outputs, params, tolerance } = golden;
  const after = [outputs.target_after_1, outputs.target_after_2, outputs.target_after_3];
  let teacher = { kernel: fromGolden(inputs.target) };
  for (const [index, momentum] of params.momenta.entries()) {
    const student = { kernel: fromGolden(inputs.online[index] ?? inputs.target), other: tf.ones([1]) };
    const next = emaUpdate(teacher, student, index % 2 === 0 ? momentum : tf.scalar(momentum));
    expect(Object.keys(next)).toEqual(['kernel']);
    teacher = { kernel: next.kernel ?? tf.zeros([0]) };
    expectGolden(teacher.kernel, after[index] ?? inputs.target, tolerance.float32.outputs_rtol_of_max);
  }
});

test('refuses a teacher with variables that the student lacks', () => {
  const act = () => emaUpdate({ kernel: tf.ones([1]) }, {}, 0.9);
  expect(act).toThrow(UnlabelError);
});
