import { define } from '@unlabel/core';
import { z } from 'zod';
import { channels, imageGolden, normalise, pixels, probability, scale } from './imageOptions';

const paper = {
  citation: 'Chen, Fan, Girshick & He, Improved baselines with momentum contrastive learning, 2020',
  url: 'https://arxiv.org/abs/2003.04297',
};

const options = (defaults: { readonly size: number; readonly scale: [number, number]; readonly blur: number }) =>
  z.strictObject({
    size: pixels.default(defaults.size),
    channels: channels.default(3),
    scale: scale.default(defaults.scale),
    blur: probability.default(defaults.blur),
    normalise,
  });

export const mocoV2Definition = define({
  kind: 'augmentation',
  name: 'moco-v2',
  summary: 'Two views with half of SimCLR’s jitter and no crops below a fifth of the image.',
  paper,
  golden: imageGolden,
  options: options({ size: 224, scale: [0.2, 1], blur: 0.5 }),
  load: async () => (await import('../mocoV2Views')).mocoV2Views,
});

export const mocoV2SmallDefinition = define({
  kind: 'augmentation',
  name: 'moco-v2-small',
  summary: 'MoCo v2’s views as its authors’ CIFAR-10 demo has them: 32 pixels, smaller crops, no blur.',
  paper,
  golden: imageGolden,
  options: options({ size: 32, scale: [0.08, 1], blur: 0 }),
  load: async () => (await import('../mocoV2Views')).mocoV2Views,
});
