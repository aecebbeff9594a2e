import { tf } from '@unlabel/core';
import type { GoldenCase, GoldenFile, GoldenMapping } from '@unlabel/testkit';
import { barlowTwinsLoss, barlowTwinsTerms, crossCorrelation } from './barlowTwins';

/** Golden files that pin Barlow Twins: the authors' and lightly's form, and one that standardises otherwise. */
export const barlowTwinsGolden: readonly GoldenMapping[] = [
  {
    name: 'barlowTwinsLoss',
    matches: (file) => isBarlow(file) && !standardisesOtherwise(file),
    run: (golden) => {
      const [z0, z1] = [golden.matrix('z_a'), golden.matrix('z_b')];
      const correlation = crossCorrelation(z0, z1);
      const { diagonal, offDiagonal } = barlowTwinsTerms(correlation);
      return {
        loss: barlowTwinsLoss(z0, z1, { offDiagonalWeight: golden.number('lambda', 0.0051) }),
        on_diag: diagonal,
        off_diag: offDiagonal,
        cross_correlation: correlation,
      };
    },
  },
  {
    name: 'barlowTwinsTerms, of unbiased deviations',
    matches: (file) => isBarlow(file) && standardisesOtherwise(file),
    run: (golden) => {
      const [z0, z1] = [standardise(golden, 'z_a'), standardise(golden, 'z_b')];
      const { diagonal, offDiagonal } = barlowTwinsTerms(tf.div(tf.matMul(z0, z1, true), z0.shape[0]));
      return { loss: tf.add(diagonal, tf.mul(golden.number('lambda', 0.0051), offDiagonal)) };
    },
  },
];

function isBarlow({ source, inputs }: GoldenFile): boolean {
  return /^barlow_?twins/i.test(source.function ?? '') && 'z_a' in inputs && 'z_b' in inputs;
}

/** stable-pretraining: by the unbiased standard deviation, and ε added to it. */
function standardisesOtherwise({ source }: GoldenFile): boolean {
  return /stable[-_]pretraining/.test(source.repo ?? '');
}

function standardise(golden: GoldenCase, input: string): tf.Tensor2D {
  const z = golden.matrix(input);
  const centred = tf.sub(z, tf.mean(z, 0, true));
  const variance = tf.div(tf.sum(tf.square(centred), 0, true), z.shape[0] - 1);
  return tf.div(centred, tf.add(tf.sqrt(variance), 1e-5));
}
