import { tf } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { supConLoss } from './supCon';

/** Golden files that pin SupCon, of the authors: features `[batch, views, dim]`, with labels or without. */
export const supConGolden: readonly GoldenMapping[] = [
  {
    name: 'supConLoss',
    matches: ({ source, inputs }) => /^sup_?con/i.test(source.function ?? '') && 'features' in inputs,
    run: (golden) => {
      const features = golden.tensor('features');
      const [batch = 0, views = 0] = features.shape;
      const z = tf.split(features, views, 1).map((view) => tf.reshape<tf.Rank.R2>(view, [batch, -1]));
      return {
        loss: supConLoss(z, {
          temperature: golden.number('temperature', 0.07),
          baseTemperature: golden.number('base_temperature', 0.07),
          anchors: golden.file.params.contrast_mode === 'one' ? 'one' : 'all',
          ...(golden.has('labels') && { labels: tf.reshape<tf.Rank.R1>(golden.tensor('labels'), [-1]) }),
        }),
      };
    },
  },
];
