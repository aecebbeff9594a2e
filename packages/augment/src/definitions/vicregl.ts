import { define } from '@unlabel/core';
import { z } from 'zod';
import { blurs, channels, crops, imageGolden, normalise } from './imageOptions';

const paper = {
  citation: 'Bardes, Ponce & LeCun, VICRegL: self-supervised learning of local visual features, NeurIPS 2022',
  url: 'https://arxiv.org/abs/2210.01571',
};
const blur = 'probability, of every other view from the first, and of those between';

export const vicreglDefinition = define({
  kind: 'augmentation',
  name: 'vicregl',
  summary: 'Multi-crop views, and where each lies in the image, so that tokens can be matched by location.',
  paper,
  golden: imageGolden,
  options: z.strictObject({
    channels: channels.default(3),
    global: crops({ count: 2, size: 224, scale: [0.4, 1] }),
    local: crops({ count: 6, size: 96, scale: [0.08, 0.4] }),
    blur: blurs.default([1, 0.1]).describe(blur),
    normalise,
  }),
  load: async () => (await import('../vicreglViews')).vicreglViews,
});

export const vicreglSmallDefinition = define({
  kind: 'augmentation',
  name: 'vicregl-small',
  summary: 'VICRegL’s views for images of some 32 pixels: the two large ones, as of ResNet-50, without blur.',
  paper,
  golden: imageGolden,
  options: z.strictObject({
    channels: channels.default(3),
    global: crops({ count: 2, size: 32, scale: [0.08, 1] }),
    local: crops({ count: 0, size: 16, scale: [0.08, 0.4] }),
    blur: blurs.default([0, 0]).describe(blur),
    normalise,
  }),
  load: async () => (await import('../vicreglViews')).vicreglViews,
});
