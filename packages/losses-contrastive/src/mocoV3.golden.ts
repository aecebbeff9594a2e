import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { infoNceLoss } from './infoNce';
import { mocoV3Loss } from './mocoV3';

/** Golden files that pin MoCo v3, of the authors; its directions are InfoNCE times 2τ. */
export const mocoV3Golden: readonly GoldenMapping[] = [
  {
    name: 'mocoV3Loss',
    matches: ({ source, inputs }) =>
      /^moco/i.test(source.function ?? '') && Object.keys(inputs).sort().join() === 'k1,k2,q1,q2',
    run: (golden) => {
      const temperature = golden.number('temperature', 1);
      const [q1, q2] = [golden.matrix('q1'), golden.matrix('q2')];
      const [k1, k2] = [golden.matrix('k1'), golden.matrix('k2')];
      return {
        loss: mocoV3Loss(q1, q2, k1, k2, { temperature }),
        loss_q1k2: tf.mul(2 * temperature, infoNceLoss(q1, k2, { temperature })),
        loss_q2k1: tf.mul(2 * temperature, infoNceLoss(q2, k1, { temperature })),
      };
    },
  },
];
