import { define } from '@unlabel/core';
import { z } from 'zod';
import { logMelOptions } from './logMelOptions';

const range = z.tuple([z.number(), z.number()]).readonly();

export const audioDefinition = define({
  kind: 'augmentation',
  name: 'audio',
  summary:
    'Recordings: crops at another speed, gain, noise and polarity; with `logMel`, features with SpecAugment’s masks.',
  paper: {
    citation:
      'Park et al., SpecAugment: a simple data augmentation method for automatic speech recognition, Interspeech 2019',
    url: 'https://arxiv.org/abs/1904.08779',
  },
  options: z.strictObject({
    rate: z.number().positive().default(16_000).describe('steps a second'),
    length: z.int().positive().default(16_000).describe('steps of a crop'),
    views: z.int().positive().default(2),
    speed: range.default([0.9, 1.1]),
    gain: range.default([-6, 6]).describe('decibels'),
    snr: range.default([10, 40]).describe('signal over noise in decibels'),
    logMel: z.strictObject(logMelOptions).exactOptional().describe('features in place of the waveform'),
  }),
  load: async () => (await import('../series/audioViews')).audioViews,
});
