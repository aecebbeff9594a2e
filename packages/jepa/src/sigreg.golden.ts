import { tf } from '@unlabel/core';
import type { GoldenCase, GoldenFile, GoldenMapping } from '@unlabel/testkit';
import { andersonDarling } from './distributionDistances';
import { eppsPulley } from './eppsPulley';
import { approximateLogCdf, elfvingScores } from './lejepaForms.golden';
import { type UnivariateTest, univariateTests } from './normalityTests';
import { orderStatistics } from './orderStatistics';
import { shapiroWilk } from './shapiroWilk';
import { sigreg, sliceStatistics } from './sigreg';

/** Golden files that pin the Epps–Pulley statistic, and SIGReg with it and with other tests. */
export const sigregGolden: readonly GoldenMapping[] = [
  {
    name: 'eppsPulley',
    matches: ({ source, inputs }) => /^EppsPulley/.test(source.function ?? '') && 'x' in inputs && !('A' in inputs),
    run: (golden) => {
      const statistic = eppsPulley(golden.tensor('x'), integration(golden));
      return { loss: tf.mean(statistic), statistic };
    },
  },
  {
    name: 'sigreg',
    matches: (file) => slicedTest(file) === 'EppsPulley',
    run: (golden) => {
      const [z, slices] = [golden.tensor('x'), golden.matrix('A')];
      const loss = sigreg(z, slices, integration(golden));
      const statistics = sliceStatistics(z, slices, integration(golden));
      return {
        loss,
        sum_reduction: tf.mul(loss, slices.shape[1]),
        statistic_per_slice: statistics,
        ...clippedAtMedian(statistics),
      };
    },
  },
  {
    name: 'sigreg with another test',
    matches: (file) => testNamed(slicedTest(file)) !== undefined,
    run: (golden) => {
      const { file } = golden;
      return {
        loss: sigreg(golden.tensor('x'), golden.matrix('A'), { test: testNamed(slicedTest(file)) ?? eppsPulley }),
      };
    },
  },
];

/** The mean over slices where those below the median, the lower one of two, count as 0. */
function clippedAtMedian(statistics: tf.Tensor): Record<'clip_value' | 'clip_half_median', tf.Tensor> {
  const ordered = orderStatistics(tf.reshape(statistics, [-1, 1]));
  const median = tf.slice(ordered, [0, Math.floor((statistics.size - 1) / 2)], [1, 1]);
  const kept = tf.where(tf.less(statistics, tf.reshape(median, [])), tf.zerosLike(statistics), statistics);
  return { clip_value: median, clip_half_median: tf.mean(kept) };
}

/** What stands in `SlicingUnivariateTest(…)`. */
function slicedTest({ source, inputs }: GoldenFile): string {
  if (!('x' in inputs && 'A' in inputs)) return '';
  return /SlicingUnivariateTest\((\w+)/.exec(source.function ?? '')?.[1] ?? '';
}

const tests: Readonly<Record<string, UnivariateTest>> = {
  AndersonDarling: (samples) => andersonDarling(samples, { logCdf: approximateLogCdf }),
  CramerVonMises: univariateTests['cramer-von-mises'],
  ExtendedJarqueBera: univariateTests['jarque-bera'],
  ShapiroWilk: (samples) => shapiroWilk(samples, { scores: elfvingScores(samples.shape.at(-2) ?? 2) }),
  VCReg: univariateTests.vcreg,
  Watson: univariateTests.watson,
};

function testNamed(name: string): UnivariateTest | undefined {
  return tests[name];
}

function integration(golden: GoldenCase) {
  return { knots: golden.number('n_points', golden.number('knots', 17)), reach: golden.number('t_max', 3) };
}
