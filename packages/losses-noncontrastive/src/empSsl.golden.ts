import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { empSslTerms } from './empSsl';

/** Golden files that pin EMP-SSL's terms: lightly's, which adds the coding rate that the paper subtracts. */
export const empSslGolden: readonly GoldenMapping[] = [
  {
    name: 'empSslTerms, as lightly combines them',
    matches: ({ source, inputs }) => /^emp_?ssl_?loss(\.forward)?$/i.test(source.function ?? '') && 'z.0' in inputs,
    run: (golden) => {
      const { codingRate, similarity } = empSslTerms(golden.matrices('z'), {
        distortion: golden.number('tcr_eps', 0.2),
      });
      return { loss: tf.sub(codingRate, tf.mul(golden.number('inv_coef', 200), similarity)) };
    },
  },
];
