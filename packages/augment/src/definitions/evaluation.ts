import { define } from '@unlabel/core';
import { z } from 'zod';
import { channels, normalise, pixels } from './imageOptions';

export const evaluationDefinition = define({
  kind: 'augmentation',
  name: 'evaluation',
  summary: 'Resize, centre crop and normalise, with nothing random about it.',
  options: z.strictObject({
    size: pixels.default(28),
    channels: channels.default(1),
    share: z.number().positive().max(1).default(1).describe('of the shorter side, to keep'),
    normalise,
  }),
  load: async () => (await import('../evaluationView')).evaluationView,
});
