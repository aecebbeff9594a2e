import type { LabelledFeatures } from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from '@unlabel/testkit';
import { alphaReq } from './alphaReq';
import { featureStd } from './featureStd';
import type { Features } from './features';
import { lidar } from './lidar';
import { linearCka } from './linearCka';
import { rankMe } from './rankMe';
import { covarianceSpectrum, singularValues } from './spectrum';
import { weightedKnn } from './weightedKnn';

/** Golden files that pin the metrics. */
export const evalGolden: readonly GoldenMapping[] = [
  {
    name: 'alphaReq',
    matches: (file) => 'alpha_stringer_weighted' in file.outputs,
    run: (golden) => {
      const [first = 0, last = 0] = golden.numbers('trange'); // Python's range, counted from 0
      const z = features(golden, 'Z');
      return {
        alpha_stringer_weighted: alphaReq(z, { ranks: [first + 1, last] }),
        eigenvalues: covarianceSpectrum(z).eigenvalues,
      };
    },
  },
  {
    name: 'lidar',
    matches: (file) => file.source.function === 'LiDAR._compute_lidar',
    run: (golden) => {
      const [objects, views] = [golden.number('n_classes'), golden.number('samples_per_class')];
      const options = { delta: golden.number('delta'), epsilon: golden.number('epsilon') };
      const value = lidar({ ...features(golden, 'Z'), objects, views }, options);
      return { lidar: value, entropy: Math.log(value) };
    },
  },
  {
    name: 'linearCka',
    matches: (file) => 'linear_cka' in file.outputs,
    run: (golden) => ({ linear_cka: linearCka(features(golden, 'X'), features(golden, 'Y')) }),
  },
  {
    name: 'weightedKnn',
    matches: (file) => file.source.function === 'knn_predict',
    run: (golden) => {
      const options = { k: golden.number('knn_k'), temperature: golden.number('knn_t') };
      const labels = Int32Array.from(golden.values('bank_labels').data);
      const bank = labelled(golden, 'bank', labels);
      const queries = labelled(golden, 'feature', new Int32Array(features(golden, 'feature').count));
      return { top1: weightedKnn(bank, queries, options).predictions };
    },
  },
  {
    name: 'rankMe',
    matches: (file) => (file.source.function ?? '').startsWith('RankMe'),
    run: (golden) => {
      const z = features(golden, 'Z');
      const variants = {
        rankme_spt_eps1e5: rankMe(z, { epsilon: 1e-5 }),
        rankme_paper_eps1e7: rankMe(z),
        effective_rank_roy_vetterli: rankMe(z, { epsilon: 0 }),
        singular_values: singularValues(z),
      };
      return Object.fromEntries(Object.entries(variants).filter(([name]) => name in golden.file.outputs));
    },
  },
  {
    name: 'featureStd / √dim',
    matches: (file) => file.source.function === 'std_of_l2_normalized',
    run: (golden) => {
      const z = features(golden, 'z');
      return { value: featureStd(z) / Math.sqrt(z.dim) };
    },
  },
];

function features(golden: GoldenCase, input: string): Features {
  const {
    data,
    shape: [count = 0, dim = 0],
  } = golden.values(input);
  return { features: Float32Array.from(data), count, dim };
}

function labelled(golden: GoldenCase, input: string, labels: Int32Array): LabelledFeatures {
  return { ...features(golden, input), labels, classes: golden.number('num_classes') };
}
