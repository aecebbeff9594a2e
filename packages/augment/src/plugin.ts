import { define, definePlugin } from '@unlabel/core';
import { z } from 'zod';
import { audioDefinition } from './definitions/audio';
import { bertDefinition } from './definitions/bert';
import { clipDefinition } from './definitions/clip';
import { colaDefinition } from './definitions/cola';
import { contrieverDefinition } from './definitions/contriever';
import { declutrDefinition } from './definitions/declutr';
import { edaDefinition } from './definitions/eda';
import { rowsDefinition } from './definitions/rows';
import { scarfDefinition } from './definitions/scarf';
import { simcseDefinition } from './definitions/simcse';
import { timeSeriesDefinition } from './definitions/timeSeries';
import { vimeDefinition } from './definitions/vime';

const range = z.tuple([z.number(), z.number()]).readonly();
const probability = z.number().min(0).max(1);
const pixels = z.int().positive();
const channels = z.union([z.literal(1), z.literal(3)]).describe('1 grey, 3 RGB');
const normalise = z
  .strictObject({ mean: z.array(z.number()), std: z.array(z.number().positive()) })
  .exactOptional()
  .describe("per channel; default ImageNet's statistics for RGB, Fashion-MNIST's for grey");
const scale = range.describe("share of the image's area that a crop shows");
const strength = z.union([z.number().min(0), range]).exactOptional();

const smallImage = define({
  kind: 'augmentation',
  name: 'small-image',
  summary: 'Affine crops, mirroring and a mild jitter, for images of some 20 to 64 pixels.',
  options: z.strictObject({
    size: pixels.default(28),
    channels: channels.default(1),
    views: z.int().positive().default(2),
    local: z
      .strictObject({ count: z.int().min(0).default(4), size: pixels.default(12), scale: scale.default([0.1, 0.4]) })
      .exactOptional()
      .describe('small views of parts, after the others'),
    scale: scale.default([0.3, 1]),
    ratio: range.default([3 / 4, 4 / 3]).describe('width over height of a crop'),
    flip: probability.default(0.5),
    jitter: z
      .strictObject({
        brightness: strength,
        contrast: strength,
        saturation: strength,
        hue: strength,
        probability: probability.default(1),
        order: z.enum(['random', 'fixed']).default('random'),
      })
      .default({ brightness: 0.4, contrast: 0.4, probability: 0.8, order: 'fixed' }),
    normalise,
  }),
  load: async () => (await import('./smallImageViews')).smallImageViews,
});

const simclr = define({
  kind: 'augmentation',
  name: 'simclr',
  summary: 'Strong crops, jitter, grey and blur: two views of each image.',
  paper: {
    citation: 'Chen et al., A simple framework for contrastive learning of visual representations, ICML 2020',
    url: 'https://arxiv.org/abs/2002.05709',
  },
  golden: ['aug_color_ops', 'aug_gaussian_blur', 'aug_resized_crop'],
  options: z.strictObject({
    size: pixels.default(224),
    channels: channels.default(3),
    views: z.int().positive().default(2),
    strength: z.number().min(0).default(1).describe('s, of the colour jitter'),
    scale: scale.default([0.08, 1]),
    flip: probability.default(0.5),
    grayscale: probability.default(0.2),
    blur: probability.default(0.5),
    normalise,
  }),
  load: async () => (await import('./simclrViews')).simclrViews,
});

const byol = define({
  kind: 'augmentation',
  name: 'byol',
  summary: 'Two views, of which one is always blurred and the other sometimes solarized.',
  paper: {
    citation: 'Grill et al., Bootstrap your own latent: a new approach to self-supervised learning, NeurIPS 2020',
    url: 'https://arxiv.org/abs/2006.07733',
  },
  golden: ['aug_color_ops', 'aug_gaussian_blur', 'aug_resized_crop'],
  options: z.strictObject({
    size: pixels.default(224),
    channels: channels.default(3),
    scale: scale.default([0.08, 1]),
    normalise,
  }),
  load: async () => (await import('./byolViews')).byolViews,
});

const dino = define({
  kind: 'augmentation',
  name: 'dino',
  summary: 'Multi-crop: BYOL’s two views of much of the image, and small views of parts.',
  paper: {
    citation: 'Caron et al., Emerging properties in self-supervised vision transformers, ICCV 2021',
    url: 'https://arxiv.org/abs/2104.14294',
  },
  golden: ['aug_color_ops', 'aug_gaussian_blur', 'aug_resized_crop'],
  options: z.strictObject({
    channels: channels.default(3),
    global: z.strictObject({ size: pixels.default(224), scale: scale.default([0.4, 1]) }).prefault({}),
    local: z
      .strictObject({ count: z.int().min(0).default(8), size: pixels.default(96), scale: scale.default([0.05, 0.4]) })
      .prefault({}),
    normalise,
  }),
  load: async () => (await import('./dinoViews')).dinoViews,
});

const lejepa = define({
  kind: 'augmentation',
  name: 'lejepa',
  summary: 'Multi-crop: large views of most of the image and small views of parts.',
  paper: {
    citation:
      'Balestriero & LeCun, LeJEPA: provable and scalable self-supervised learning without the heuristics, 2025',
    url: 'https://arxiv.org/abs/2511.08544',
  },
  golden: ['aug_color_ops', 'aug_gaussian_blur', 'aug_resized_crop'],
  options: z.strictObject({
    channels: channels.default(3),
    global: z
      .strictObject({ count: z.int().positive().default(2), size: pixels.default(224), scale: scale.default([0.3, 1]) })
      .prefault({}),
    local: z
      .strictObject({ count: z.int().min(0).default(6), size: pixels.default(96), scale: scale.default([0.05, 0.3]) })
      .prefault({}),
    normalise,
  }),
  load: async () => (await import('./lejepaViews')).lejepaViews,
});

const evaluation = define({
  kind: 'augmentation',
  name: 'evaluation',
  summary: 'Resize, centre crop and normalise, with nothing random about it.',
  options: z.strictObject({
    size: pixels.default(28),
    channels: channels.default(1),
    share: z.number().positive().max(1).default(1).describe('of the shorter side, to keep'),
    normalise,
  }),
  load: async () => (await import('./evaluationView')).evaluationView,
});

/** The augmentations of this package, by name. */
export const plugin = definePlugin('@unlabel/augment', [
  simclr,
  byol,
  dino,
  lejepa,
  smallImage,
  evaluation,
  bertDefinition,
  simcseDefinition,
  edaDefinition,
  contrieverDefinition,
  declutrDefinition,
  audioDefinition,
  colaDefinition,
  timeSeriesDefinition,
  rowsDefinition,
  scarfDefinition,
  vimeDefinition,
  clipDefinition,
]);
