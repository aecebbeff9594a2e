import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { infoNceLoss } from './infoNce';

/** The golden file that pins InfoNCE with targets, of stable-pretraining. */
export const infoNceGolden: readonly GoldenMapping[] = [
  {
    name: 'infoNceLoss',
    matches: ({ source, inputs }) => /info_?nce/i.test(source.function ?? '') && 'anchors' in inputs,
    run: (golden) => ({
      loss: infoNceLoss(golden.matrix('anchors'), golden.matrix('candidates'), {
        temperature: golden.number('temperature', 0.07),
        ...(golden.has('targets') && { targets: tf.reshape<tf.Rank.R1>(golden.tensor('targets'), [-1]) }),
      }),
    }),
  },
];
