import { define } from '@unlabel/core';
import { z } from 'zod';

export const alignDefinition = define({
  kind: 'objective',
  name: 'align',
  summary: 'As CLIP, for noisy pairs: smoothed labels, and a temperature that starts at 1.',
  paper: {
    citation:
      'Jia et al., Scaling Up Visual and Vision-Language Representation Learning With Noisy Text Supervision, ICML 2021',
    url: 'https://arxiv.org/abs/2102.05918',
  },
  options: z.strictObject({
    temperature: z.number().positive().default(1).describe('σ at the start, divides the cosines; learned.'),
    labelSmoothing: z
      .number()
      .min(0)
      .lt(1)
      .default(0.1)
      .describe('Share of the target that is spread over all candidates.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .default([512])
      .describe('Widths of each projector after its encoder’s own.'),
  }),
  small: { temperature: 0.1, projector: [128] },
  traits: { capture: true, memory: 'batch² similarities; a second encoder where there are two', modality: 'pairs' },
  load: async () => (await import('../align')).align,
});
