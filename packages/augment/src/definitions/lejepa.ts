import { define } from '@unlabel/core';
import { z } from 'zod';
import { channels, crops, imageGolden, normalise, probability } from './imageOptions';

const paper = {
  citation: 'Balestriero & LeCun, LeJEPA: provable and scalable self-supervised learning without the heuristics, 2025',
  url: 'https://arxiv.org/abs/2511.08544',
};

export const lejepaDefinition = define({
  kind: 'augmentation',
  name: 'lejepa',
  summary: 'Multi-crop: large views of most of the image and small views of parts.',
  paper,
  golden: imageGolden,
  options: z.strictObject({
    channels: channels.default(3),
    global: crops({ count: 2, size: 224, scale: [0.3, 1] }),
    local: crops({ count: 6, size: 98, scale: [0.05, 0.3] }),
    blur: probability.default(0.5),
    normalise,
  }),
  load: async () => (await import('../lejepaViews')).lejepaViews,
});

export const lejepaSmallDefinition = define({
  kind: 'augmentation',
  name: 'lejepa-small',
  summary: 'LeJEPA’s views for images of some 32 pixels: two large ones, without blur.',
  paper,
  golden: imageGolden,
  options: z.strictObject({
    channels: channels.default(3),
    global: crops({ count: 2, size: 32, scale: [0.3, 1] }),
    local: crops({ count: 0, size: 16, scale: [0.05, 0.3] }),
    blur: probability.default(0),
    normalise,
  }),
  load: async () => (await import('../lejepaViews')).lejepaViews,
});
