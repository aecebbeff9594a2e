import { define } from '@unlabel/core';
import { z } from 'zod';
import { channels, imageGolden, normalise, pixels, probability, scale } from './imageOptions';

const paper = {
  citation: 'Chen et al., A simple framework for contrastive learning of visual representations, ICML 2020',
  url: 'https://arxiv.org/abs/2002.05709',
};

const options = (defaults: { readonly size: number; readonly strength: number; readonly blur: number }) =>
  z.strictObject({
    size: pixels.default(defaults.size),
    channels: channels.default(3),
    views: z.int().positive().default(2),
    strength: z.number().min(0).default(defaults.strength).describe('s, of the colour jitter'),
    scale: scale.default([0.08, 1]),
    flip: probability.default(0.5),
    grayscale: probability.default(0.2),
    blur: probability.default(defaults.blur),
    normalise,
  });

export const simclrDefinition = define({
  kind: 'augmentation',
  name: 'simclr',
  summary: 'Strong crops, jitter, grey and blur: two views of each image.',
  paper,
  golden: imageGolden,
  options: options({ size: 224, strength: 1, blur: 0.5 }),
  load: async () => (await import('../simclrViews')).simclrViews,
});

export const simclrSmallDefinition = define({
  kind: 'augmentation',
  name: 'simclr-small',
  summary: 'SimCLR’s views as the paper has them for CIFAR-10: 32 pixels, half the jitter, no blur.',
  paper,
  golden: imageGolden,
  options: options({ size: 32, strength: 0.5, blur: 0 }),
  load: async () => (await import('../simclrViews')).simclrViews,
});
