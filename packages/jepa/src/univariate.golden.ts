import { tf } from '@unlabel/core';
import type { GoldenCase, GoldenMapping, GoldenResult } from '@unlabel/testkit';
import { andersonDarling, cramerVonMises, watson } from './distributionDistances';
import { approximateLogCdf, elfvingScores } from './lejepaForms.golden';
import { jarqueBera, vcreg } from './moments';
import { normalScores } from './normalDistribution';
import type { UnivariateTest } from './normalityTests';
import { orderLikelihood } from './orderLikelihood';
import { orderStatistics } from './orderStatistics';
import { shapiroWilk } from './shapiroWilk';
import { vasicek } from './vasicek';

/** Golden files that pin the univariate tests, each of samples `x` and averaged over columns. */
export const univariateGolden: readonly GoldenMapping[] = [
  mapping('andersonDarling', 'AndersonDarling', () => (x) => andersonDarling(x, { logCdf: approximateLogCdf })),
  mapping('cramerVonMises', 'CramerVonMises', () => cramerVonMises),
  mapping('watson', 'Watson', () => watson),
  mapping('jarqueBera', 'ExtendedJarqueBera', () => jarqueBera),
  mapping('vcreg', 'VCReg', () => vcreg),
  mapping('shapiroWilk', 'ShapiroWilk', ({ file }) => {
    const scoresOf = file.params.expectation_mode === 'blom' ? normalScores : elfvingScores;
    return (x) => shapiroWilk(x, { scores: scoresOf(x.shape.at(-2) ?? 2) });
  }),
  mapping('vasicek', 'Entropy', (golden) => {
    const spacing = golden.number('m', 1);
    if (golden.file.params.method === 'right') return (x) => vasicek(x, { spacing, sides: 'right' });
    return (x) => ratioOfLeJepa(x, spacing);
  }),
  {
    // The reference's `statistic`, of each sample, is not in the order of the samples.
    ...mapping('orderLikelihood', 'NLL', () => orderLikelihood),
    run: (golden) => ({ loss: tf.mean(orderLikelihood(golden.tensor('x'))) }),
  },
];

function mapping(name: string, reference: string, testOf: (golden: GoldenCase) => UnivariateTest): GoldenMapping {
  return {
    name,
    matches: ({ source, inputs }) =>
      new RegExp(`^${reference}(\\.forward)?$`).test(source.function ?? '') && 'x' in inputs && !('A' in inputs),
    run: (golden): Record<string, GoldenResult> => {
      const statistic = testOf(golden)(golden.tensor('x'));
      return { loss: tf.mean(statistic), statistic };
    },
  };
}

/** Vasicek's difference as a ratio, where the first and the last spacing that is not cut are counted twice. */
function ratioOfLeJepa(samples: tf.Tensor, m: number): tf.Tensor {
  const x = orderStatistics(samples);
  const n = samples.shape.at(-2) ?? 1;
  const gap = (to: number) => {
    const ends = tf.gather(x, tf.tensor1d([to, to - 2 * m], 'int32'), x.shape.length - 1);
    const [above = ends, below = ends] = tf.unstack(ends, -1);
    return tf.sub(above, below);
  };
  const twice = tf.add(tf.log(gap(2 * m)), tf.log(gap(n - 1)));
  return tf.exp(tf.sub(vasicek(samples, { spacing: m }), tf.div(twice, n)));
}
