import { define, definePlugin } from '@unlabel/core';
import { z } from 'zod';

const l2 = z.number().nonnegative();
const allowOverlap = z.boolean().default(false).describe('whether test rows may be bank rows, too');
const share = z.number().gt(0).lt(1);
const supervised = z.strictObject({
  perClass: z
    .union([z.int().positive(), z.literal('all')])
    .default(10)
    .describe('labelled samples of each class'),
  draws: z.int().min(2).max(31).default(3).describe('draws of those samples, first weights and order'),
  learningRate: z.number().positive().default(1e-3).describe('of AdamW, at the top of a cosine'),
  weightDecay: z.number().nonnegative().default(0.05).describe('of AdamW'),
  epochs: z.int().positive().default(50).describe('passes over the samples'),
  batchSize: z.int().min(2).default(128).describe('samples of a step, at most all'),
  warmup: z.number().min(0).lt(1).default(0.1).describe('share of the steps in which the rate rises'),
  labelSmoothing: z.number().min(0).lt(1).default(0.1).describe('share of each target spread over all classes'),
  averageDecay: z.number().min(0).max(1).exactOptional().describe('of a moving average of the weights, then used'),
  clipNorm: z.number().positive().exactOptional().describe('largest global norm of the gradients'),
  views: z
    .union([z.enum(['training', 'evaluation']), z.looseObject({ name: z.string() })])
    .default('training')
    .describe(
      'of samples: as in training, as features are made, or an augmentation, as `{ name: small-image, size: 24 }`',
    ),
  allowOverlap,
});

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
      allowOverlap,
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
      heldOut: share.default(0.2).describe('share of the bank that chooses among penalties'),
      allowOverlap,
    }),
    load: async () => (await import('./linearProbe')).linearProbeEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'sgd-probe',
    summary: 'Accuracy of a linear classifier trained by gradient descent on frozen features, as papers do',
    paper: {
      citation: 'He et al., Momentum Contrast for Unsupervised Visual Representation Learning, CVPR 2020',
      url: 'https://arxiv.org/abs/1911.05722',
    },
    options: z.strictObject({
      learningRate: z
        .union([z.number().positive(), z.array(z.number().positive()).min(1)])
        .default([0.003, 0.01, 0.03, 0.1, 0.3, 1])
        .describe('at batches of 256; several are tried'),
      epochs: z.int().positive().default(100).describe('passes over the bank'),
      batchSize: z.int().positive().default(256).describe('rows of a step'),
      momentum: z.number().min(0).lt(1).default(0.9).describe('memory of past gradients'),
      weightDecay: z.number().nonnegative().default(0).describe('added to the gradient'),
      standardise: z.boolean().default(false).describe('scale each dimension to mean 0, standard deviation 1'),
      heldOut: share.default(0.2).describe('share of the bank that chooses among learning rates'),
      allowOverlap,
    }),
    load: async () => (await import('./sgdProbe')).sgdProbeEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'few-shot',
    summary: 'Accuracy of a linear classifier that sees a few labels per class, averaged over draws',
    options: z.strictObject({
      perClass: z
        .union([z.int().positive(), z.array(z.int().positive()).min(1)])
        .default(10)
        .describe('labelled samples of each class, or several numbers of them'),
      draws: z.int().min(2).max(31).default(5).describe('draws of those samples'),
      l2: l2.default(0.1).describe('weight of (l2/2)‖W‖² beside the mean cross-entropy'),
      allowOverlap,
    }),
    load: async () => (await import('./fewShot')).fewShotEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'fine-tune',
    summary: 'Accuracy of the encoder trained on, with a linear layer, on a few labels per class; averaged over draws',
    paper: {
      citation: 'Bao et al., BEiT: BERT Pre-Training of Image Transformers, ICLR 2022',
      url: 'https://arxiv.org/abs/2106.08254',
    },
    options: supervised.extend({
      layerDecay: z.number().gt(0).max(1).default(0.75).describe('factor from each layer’s rate to the one before'),
    }),
    load: async () => (await import('./fineTuneEvaluator')).fineTuneEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'supervised',
    summary: 'Accuracy of the same network trained from random weights on the same labels: the baseline of few-shot',
    options: supervised,
    load: async () => (await import('./fineTuneEvaluator')).supervisedEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'retrieval',
    summary: 'Whether rows of the same class come first: recall@k and mean average precision',
    options: z.strictObject({
      ks: z.array(z.int().positive()).min(1).default([1, 5, 10]).describe('cut-offs of recall'),
      queries: z.int().positive().default(1000).describe('test rows that ask at most, drawn at random'),
      allowOverlap,
    }),
    load: async () => (await import('./retrieval')).retrievalEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'k-means',
    summary: 'How clusters found without labels match classes: matched accuracy, mutual information, Rand index',
    paper: {
      citation: 'Arthur & Vassilvitskii, k-means++: The Advantages of Careful Seeding, SODA 2007',
      url: 'http://ilpubs.stanford.edu:8090/778/',
    },
    options: z.strictObject({
      clusters: z.int().positive().exactOptional().describe('number of clusters (default: of classes)'),
      restarts: z.int().positive().default(10).describe('starts from other centres, the best of which counts'),
      maxIterations: z.int().positive().default(300).describe('rounds of a start at most'),
      normalise: z.boolean().default(true).describe('scale rows to length 1'),
      allowOverlap,
    }),
    load: async () => (await import('./clustering')).kMeansEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'zero-shot',
    summary: 'Accuracy of image embeddings against embeddings of class prompts, which are the bank',
    paper: {
      citation: 'Radford et al., Learning Transferable Visual Models From Natural Language Supervision, ICML 2021',
      url: 'https://arxiv.org/abs/2103.00020',
    },
    options: z.strictObject({}),
    load: async () => (await import('./zeroShot')).zeroShotEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'similarity-correlation',
    summary: 'How similarities of pairs follow scores that people gave: bank and test rows are firsts and seconds',
    paper: {
      citation: 'Cer et al., SemEval-2017 Task 1: Semantic Textual Similarity, SemEval 2017',
      url: 'https://arxiv.org/abs/1708.00055',
    },
    options: z.strictObject({
      scores: z.array(z.number()).min(2).describe('of each pair, in the order of the rows'),
    }),
    load: async () => (await import('./similarityCorrelation')).similarityCorrelationEvaluator,
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
    kind: 'evaluator',
    name: 'lidar',
    summary: 'Directions that tell samples apart beyond what tells views of one sample apart; needs no labels',
    paper: {
      citation:
        'Thilak et al., LiDAR: Sensing Linear Probing Performance in Joint Embedding SSL Architectures, ICLR 2024',
      url: 'https://arxiv.org/abs/2312.04000',
    },
    golden: ['lidar'],
    options: z.strictObject({
      objects: z.int().min(2).default(500).describe('test samples at most'),
      views: z.int().min(2).default(10).describe('random views of each, as training draws its first'),
      delta: z.number().positive().default(1e-4).describe('added to the variance within samples of every direction'),
      epsilon: z.number().nonnegative().default(1e-8).describe('added to each share of the scatter'),
    }),
    load: async () => (await import('./lidar')).lidarEvaluator,
  }),
  define({
    kind: 'evaluator',
    name: 'alignment',
    summary: 'How near two views of a sample are, and how evenly samples spread over the sphere; needs no labels',
    paper: {
      citation:
        'Wang & Isola, Understanding Contrastive Representation Learning through Alignment and Uniformity on the Hypersphere, ICML 2020',
      url: 'https://arxiv.org/abs/2005.10242',
    },
    golden: ['align_uniform'],
    options: z.strictObject({
      objects: z.int().min(2).default(1000).describe('test samples at most'),
      power: z.number().positive().default(2).describe('of the distance between views'),
      scale: z.number().positive().default(2).describe('t of the kernel exp(−t‖·‖²) of uniformity'),
    }),
    load: async () => (await import('./alignmentUniformity')).alignmentEvaluator,
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
