import type { GoldenCase, GoldenMapping } from '@unlabel/testkit';
import { featureStd } from './featureStd';
import { rankMe } from './rankMe';
import { weightedKnn } from './weightedKnn';

/** Golden files of the measures on frozen features. */
export const metricsGolden: readonly GoldenMapping[] = [
  {
    name: 'rankMe',
    matches: ({ source, inputs }) => /^RankMe/.test(source.function ?? '') && 'Z' in inputs,
    run: (golden) => ({
      rankme_spt_eps1e5: rankMe(features(golden, 'Z'), { epsilon: 1e-5 }),
      rankme_paper_eps1e7: rankMe(features(golden, 'Z')),
      effective_rank_roy_vetterli: rankMe(features(golden, 'Z'), { epsilon: 0 }),
    }),
  },
  {
    name: 'featureStd',
    matches: ({ source, inputs }) => source.function === 'std_of_l2_normalized' && 'z' in inputs,
    run: (golden) => ({ value: featureStd(features(golden, 'z')) / Math.sqrt(features(golden, 'z').dim) }),
  },
  {
    name: 'weightedKnn',
    matches: ({ source, inputs }) => source.function === 'knn_predict' && 'bank_labels' in inputs,
    run: (golden) => {
      const classes = golden.number('num_classes');
      const bank = { ...features(golden, 'bank'), classes, labels: Int32Array.from(golden.values('bank_labels').data) };
      const test = features(golden, 'feature');
      const labels = new Int32Array(test.count);
      const options = { k: golden.number('knn_k'), temperature: golden.number('knn_t') };
      return { top1: weightedKnn(bank, { ...test, classes, labels }, options).predictions };
    },
  },
];

function features(golden: GoldenCase, input: string) {
  const { data, shape } = golden.values(input);
  const [count = 0, dim = 0] = shape;
  return { features: Float32Array.from(data), count, dim };
}
