import { define } from '@unlabel/core';
import { z } from 'zod';
import { blurs, channels, imageGolden, normalise, pixels, scale } from './imageOptions';

const byolPaper = {
  citation: 'Grill et al., Bootstrap your own latent: a new approach to self-supervised learning, NeurIPS 2020',
  url: 'https://arxiv.org/abs/2006.07733',
};

const options = (defaults: { readonly size: number; readonly blur: [number, number] }) =>
  z.strictObject({
    size: pixels.default(defaults.size),
    channels: channels.default(3),
    scale: scale.default([0.08, 1]),
    blur: blurs.default(defaults.blur).describe('probability, of the first view and of the second'),
    normalise,
  });

export const byolDefinition = define({
  kind: 'augmentation',
  name: 'byol',
  summary: 'Two views, of which one is always blurred and the other sometimes solarized.',
  paper: byolPaper,
  golden: imageGolden,
  options: options({ size: 224, blur: [1, 0.1] }),
  load: async () => (await import('../byolViews')).byolViews,
});

export const byolSmallDefinition = define({
  kind: 'augmentation',
  name: 'byol-small',
  summary: 'BYOL’s views for images of some 32 pixels: without blur.',
  paper: byolPaper,
  golden: imageGolden,
  options: options({ size: 32, blur: [0, 0] }),
  load: async () => (await import('../byolViews')).byolViews,
});

export const mocoV3Definition = define({
  kind: 'augmentation',
  name: 'moco-v3',
  summary: 'BYOL’s two views, which MoCo v3 takes over; for ResNet-50 with `scale: [0.2, 1]`.',
  paper: {
    citation: 'Chen, Xie & He, An empirical study of training self-supervised vision transformers, ICCV 2021',
    url: 'https://arxiv.org/abs/2104.02057',
  },
  golden: imageGolden,
  options: options({ size: 224, blur: [1, 0.1] }),
  load: async () => (await import('../byolViews')).byolViews,
});
