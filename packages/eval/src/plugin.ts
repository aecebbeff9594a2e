import { define, definePlugin } from '@unlabel/core';
import { z } from 'zod';

const l2 = z.number().nonnegative();

/** The package's evaluators and callbacks. `onlineKnn`, `onlineProbe`, and `collapseMonitor` with held-out inputs, take data: make them in code. */
export const plugin = definePlugin('@unlabel/eval', [
  define({
    kind: 'evaluator',
    name: 'knn',
    summary: 'Weighted k-nearest-neighbour accuracy on frozen features',
    paper: {
      citation: 'Wu et al., Unsupervised Feature Learning via Non-Parametric Instance Discrimination, CVPR 2018',
      url: 'https://arxiv.org/abs/1805.01978',
    },
    golden: ['knn_predict'],
    options: z.strictObject({
      k: z.int().positive().default(20).describe('neighbours that vote'),
      temperature: z.number().positive().default(0.07).describe('of the votes exp(similarity / temperature)'),
    }),
    load: async () => (await import('./weightedKnn')).knnEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'linear-probe',
    summary: 'Accuracy of multinomial logistic regression on frozen features, its penalty chosen on held-out bank rows',
    paper: {
      citation: 'Kornblith, Shlens & Le, Do Better ImageNet Models Transfer Better?, CVPR 2019',
      url: 'https://arxiv.org/abs/1805.08974',
    },
    options: z.strictObject({
      l2: z
        .union([l2, z.array(l2).min(1)])
        .default([1e-4, 1e-3, 1e-2, 1e-1, 1])
        .describe('weight of (l2/2)‖W‖² beside the mean cross-entropy; several are tried'),
      standardise: z.boolean().default(true).describe('scale each dimension to mean 0, standard deviation 1'),
      heldOut: z.number().gt(0).lt(1).default(0.2).describe('share of the bank that chooses among penalties'),
    }),
    load: async () => (await import('./linearProbe')).linearProbeEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'few-shot',
    summary: 'Accuracy of a linear classifier that sees a few labels per class, averaged over draws',
    options: z.strictObject({
      perClass: z.int().positive().default(10).describe('labelled samples of each class'),
      draws: z.int().min(2).max(31).default(5).describe('draws of those samples'),
      l2: l2.default(0.1).describe('weight of (l2/2)‖W‖² beside the mean cross-entropy'),
    }),
    load: async () => (await import('./fewShot')).fewShotEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'rankme',
    summary: 'Effective rank and spread of the features; needs no labels',
    paper: {
      citation:
        'Garrido et al., RankMe: Assessing the Downstream Performance of Pretrained Self-Supervised Representations by Their Rank, ICML 2023',
      url: 'https://arxiv.org/abs/2210.02885',
    },
    golden: ['rankme_effective_rank', 'edge_rankme_rank1', 'std_l2_normalized'],
    options: z.strictObject({
      epsilon: z.number().nonnegative().default(1e-7).describe('added to each normalised singular value'),
      samples: z.int().min(2).default(2000).describe('bank rows used at most, drawn at random'),
    }),
    load: async () => (await import('./rankMe')).rankMeEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'geometry',
    summary:
      'Spread, directions in use, uniformity and spectral decay of the features, and whether they have collapsed',
    paper: {
      citation: 'Jing et al., Understanding Dimensional Collapse in Contrastive Self-Supervised Learning, ICLR 2022',
      url: 'https://arxiv.org/abs/2110.09348',
    },
    golden: ['alpha_req', 'align_uniform', 'std_l2_normalized'],
    options: z.strictObject({
      samples: z.int().min(2).default(2000).describe('bank rows used at most, drawn at random'),
    }),
    load: async () => (await import('./collapse')).geometryEvaluator,
  }),
  define({
    kind: 'callback',
    name: 'best-checkpoint',
    summary: 'Keeps the moment of a run that is best by its loss or by a reported figure',
    options: z.strictObject({
      by: z.string().default('loss').describe("'loss', or source/figure of a report, such as online-knn/knn"),
      mode: z.enum(['max', 'min']).exactOptional().describe('which is best (default: min for the loss, else max)'),
      name: z.string().default('best').describe('of the checkpoint'),
    }),
    load: async () => (await import('./bestCheckpoint')).bestCheckpoint,
  }),
  define({
    kind: 'callback',
    name: 'collapse-monitor',
    summary: 'Warns when projections lose their spread while training',
    options: z.strictObject({
      minStd: z.number().min(0).max(1).default(0.2).describe('standard deviation below which they count as collapsing'),
      patience: z.int().positive().default(40).describe('steps in a row before the warning'),
    }),
    load: async () => (await import('./collapseMonitor')).collapseMonitor,
  }),
]);
