import { define } from '@unlabel/core';
import { z } from 'zod';

export const alignmentUniformityDefinition = define({
  kind: 'objective',
  name: 'alignment-uniformity',
  summary: 'Views of a sample lie close on the unit sphere, and all samples are spread evenly over it.',
  paper: {
    citation:
      'Wang & Isola, Understanding Contrastive Representation Learning through Alignment and Uniformity on the Hypersphere, ICML 2020',
    url: 'https://arxiv.org/abs/2005.10242',
  },
  golden: ['align_uniform.json', 'hypersphere_t1.0_lam1.0.json'],
  options: z.strictObject({
    exponent: z.number().positive().default(2).describe('α, power of the distance between views.'),
    concentration: z
      .number()
      .positive()
      .default(2)
      .describe('t, how fast the potential between samples falls with the squared distance.'),
    alignmentWeight: z.number().nonnegative().default(1).describe('Weight of the alignment.'),
    uniformityWeight: z.number().nonnegative().default(1).describe('λ, weight of the uniformity.'),
    projector: z
      .array(z.int().positive())
      .min(1)
      .exactOptional()
      .describe('Widths of the projector after the encoder’s own (default: the encoder’s width, 128).'),
  }),
  small: { projector: [512, 128] },
  traits: { capture: true, memory: 'batch² similarities' },
  load: async () => (await import('../alignmentUniformity')).alignmentUniformity,
});
