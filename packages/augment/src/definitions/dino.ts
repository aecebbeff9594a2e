import { define } from '@unlabel/core';
import { z } from 'zod';
import { channels, crops, imageGolden, normalise, pixels, probability, scale } from './imageOptions';

const paper = {
  citation: 'Caron et al., Emerging properties in self-supervised vision transformers, ICCV 2021',
  url: 'https://arxiv.org/abs/2104.14294',
};

const options = (defaults: {
  readonly size: number;
  readonly local: { readonly count: number; readonly size: number };
  readonly blur: [number, number, number];
}) =>
  z.strictObject({
    channels: channels.default(3),
    global: z
      .strictObject({ size: pixels.default(defaults.size), scale: scale.default([0.4, 1]) })
      .prefault({})
      .describe('the two large views'),
    local: crops({ ...defaults.local, scale: [0.05, 0.4] }),
    blur: z
      .tuple([probability, probability, probability])
      .readonly()
      .default(defaults.blur)
      .describe('probability, of the first large view, the second, and each small one'),
    normalise,
  });

export const dinoDefinition = define({
  kind: 'augmentation',
  name: 'dino',
  summary: 'Multi-crop: BYOL’s two views of much of the image, and small views of parts.',
  paper,
  golden: imageGolden,
  options: options({ size: 224, local: { count: 8, size: 96 }, blur: [1, 0.1, 0.5] }),
  load: async () => (await import('../dinoViews')).dinoViews,
});

export const dinoSmallDefinition = define({
  kind: 'augmentation',
  name: 'dino-small',
  summary: 'DINO’s views for images of some 32 pixels: the two large ones, without blur.',
  paper,
  golden: imageGolden,
  options: options({ size: 32, local: { count: 0, size: 16 }, blur: [0, 0, 0] }),
  load: async () => (await import('../dinoViews')).dinoViews,
});
