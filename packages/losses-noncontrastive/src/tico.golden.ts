import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { ticoLoss } from './tico';

/** Golden files that pin TiCo, of lightly: batches one after the other, the covariance carried on from zeros. */
export const ticoGolden: readonly GoldenMapping[] = [
  {
    name: 'ticoLoss',
    matches: ({ source, inputs }) => /^tico/i.test(source.function ?? '') && 'z_a.0' in inputs && 'z_b.0' in inputs,
    run: (golden) => {
      const options = {
        covarianceMomentum: golden.number('beta', 0.9),
        contrastWeight: golden.number('rho', 8),
      };
      const [z0, z1] = [golden.matrices('z_a'), golden.matrices('z_b')];
      const dim = z0[0]?.shape[1] ?? 0;
      let covariance: tf.Tensor2D = tf.zeros([dim, dim]);
      const losses = z0.flatMap((student, batch) => {
        const teacher = z1[batch];
        if (!teacher) return [];
        const report = ticoLoss(student, teacher, covariance, options);
        covariance = report.covariance;
        return [report.loss];
      });
      return { loss: tf.addN(losses), step_losses: tf.stack(losses), C_after: covariance };
    },
  },
];
