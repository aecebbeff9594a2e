import { define } from '@unlabel/core';
import { z } from 'zod';
import { channels, crops, imageGolden, normalise, probability } from './imageOptions';

const paper = {
  citation: 'Caron et al., Unsupervised learning of visual features by contrasting cluster assignments, NeurIPS 2020',
  url: 'https://arxiv.org/abs/2006.09882',
};

export const swavDefinition = define({
  kind: 'augmentation',
  name: 'swav',
  summary: 'Multi-crop: two large views and six small ones of little of the image, changed as SimCLR’s.',
  paper,
  golden: imageGolden,
  options: z.strictObject({
    channels: channels.default(3),
    global: crops({ count: 2, size: 224, scale: [0.14, 1] }),
    local: crops({ count: 6, size: 96, scale: [0.05, 0.14] }),
    strength: z.number().min(0).default(1).describe('s, of the colour jitter'),
    blur: probability.default(0.5),
    normalise,
  }),
  load: async () => (await import('../swavViews')).swavViews,
});

export const swavSmallDefinition = define({
  kind: 'augmentation',
  name: 'swav-small',
  summary: 'SwAV’s views for images of some 32 pixels: two large ones, half the jitter, no blur.',
  paper,
  golden: imageGolden,
  options: z.strictObject({
    channels: channels.default(3),
    global: crops({ count: 2, size: 32, scale: [0.14, 1] }),
    local: crops({ count: 0, size: 16, scale: [0.05, 0.14] }),
    strength: z.number().min(0).default(0.5).describe('s, of the colour jitter'),
    blur: probability.default(0),
    normalise,
  }),
  load: async () => (await import('../swavViews')).swavViews,
});
