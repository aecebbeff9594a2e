import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { capiLoss } from './capi';

/** Golden files that pin CAPI: lightly's. */
export const capiGolden: readonly GoldenMapping[] = [
  {
    name: 'capiLoss',
    matches: ({ source, inputs }) => /^capi(loss)?$/i.test(source.function ?? '') && 'teacher_logits' in inputs,
    run: (golden) => {
      const logits = (input: string): tf.Tensor3D => {
        const [batch = 1, tokens = 1] = golden.tensor(input).shape;
        return tf.reshape(golden.tensor(input), [batch, tokens, -1]);
      };
      return {
        loss: capiLoss(logits('teacher_logits'), logits('student_logits'), {
          teacherTemperature: golden.number('teacher_temperature', 0.06),
          studentTemperature: golden.number('student_temperature', 0.12),
          iterations: golden.number('sinkhorn_iterations', 3),
        }),
      };
    },
  },
];
