import type { GoldenMapping } from '@unlabel/testkit';
import { resslLoss } from './ressl';

/** The golden file that pins ReSSL, of solo-learn. */
export const resslGolden: readonly GoldenMapping[] = [
  {
    name: 'resslLoss',
    matches: ({ source, inputs }) => /^ressl/i.test(source.function ?? '') && 'queue' in inputs,
    run: (golden) => ({
      loss: resslLoss(golden.matrix('q'), golden.matrix('k'), golden.matrix('queue'), {
        studentTemperature: golden.number('temperature_q', 0.1),
        teacherTemperature: golden.number('temperature_k', 0.04),
      }),
    }),
  },
];
