import { define } from '@unlabel/core';
import { z } from 'zod';
import { channels, normalise, pixels, probability, range, scale } from './imageOptions';

const strength = z.union([z.number().min(0), range]).exactOptional();

export const smallImageDefinition = define({
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
  load: async () => (await import('../smallImageViews')).smallImageViews,
});
