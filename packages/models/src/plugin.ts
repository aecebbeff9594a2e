import { define, definePlugin } from '@unlabel/core';
import { z } from 'zod';

const count = z.int().positive();
const images = z.tuple([count, count, count]).describe('[height, width, channels]');
const small = z.enum(['imagenet', 'small-image']).default('imagenet');

const resnetOptions = {
  inputShape: images,
  stem: small.describe('7×7 with max-pooling, or 3×3 for images of 64 pixels and less'),
  stemWidth: count.describe('channels of the stem; default the first width').exactOptional(),
  stemStride: count.describe('stride of the stem, in place of its 2 or 1').exactOptional(),
  strides: z.array(count).describe("stride of each stage's first block; default 1, then 2").exactOptional(),
  zeroInitResidual: z.boolean().default(false).describe('start each block as its shortcut'),
  outputNorm: z.boolean().default(false).describe('batch norm without scale and offset on the pooled features'),
};

const vitOptions = {
  inputShape: images,
  patchSize: count.default(16).describe("pixels along a patch's side; divides height and width"),
  pooling: z.enum(['mean', 'cls']).default('mean').describe('mean of the patch tokens, or the class token'),
  positions: z.enum(['sin-cos', 'learned']).default('sin-cos').describe('fixed, or parameters'),
  registers: z.int().min(0).default(0).describe('extra learned tokens'),
  dropPath: z.number().min(0).lt(1).default(0).describe('stochastic depth at the last block'),
};

const resnetPaper = {
  citation: 'He et al., Deep residual learning for image recognition, CVPR 2016',
  url: 'https://arxiv.org/abs/1512.03385',
};

const vitPaper = {
  citation: 'Dosovitskiy et al., An image is worth 16x16 words, ICLR 2021',
  url: 'https://arxiv.org/abs/2010.11929',
};

const deitPaper = {
  citation: 'Touvron et al., Training data-efficient image transformers, ICML 2021',
  url: 'https://arxiv.org/abs/2012.12877',
};

/** The encoders of this package. */
export const plugin = definePlugin('@unlabel/models', [
  define({
    kind: 'encoder',
    name: 'mlp',
    options: z.strictObject({
      inputShape: z.array(count).min(1).describe('shape of a sample, without the batch'),
      hidden: z.array(count).default([512, 512]).describe('extents of the hidden layers'),
      outputDim: count.default(128).describe('length of the feature vector'),
      norm: z.enum(['batch', 'none']).default('batch').describe('between layers'),
      activation: z.enum(['relu', 'gelu', 'gelu-tanh']).default('relu').describe('between layers'),
    }),
    summary: 'Dense layers over flattened samples',
    load: async () => (await import('./mlp')).mlp,
  }),
  define({
    kind: 'encoder',
    name: 'resnet',
    options: z.strictObject({
      ...resnetOptions,
      blocks: z.array(count).min(1).default([2, 2, 2, 2]).describe('residual blocks in each stage'),
      widths: z.array(count).describe('channels of each stage; default 64, doubled').exactOptional(),
      block: z.enum(['basic', 'bottleneck']).default('basic').describe('two 3×3 convolutions, or 1×1, 3×3, 1×1'),
    }),
    summary: 'Residual network with any blocks, widths and strides',
    paper: resnetPaper,
    load: async () => (await import('./resnet')).resnet,
  }),
  define({
    kind: 'encoder',
    name: 'resnet18',
    options: z.strictObject(resnetOptions),
    summary: 'ResNet-18: 11.2 M parameters, 512 features',
    paper: resnetPaper,
    load: async () => (await import('./resnet')).resnet18,
  }),
  define({
    kind: 'encoder',
    name: 'resnet34',
    options: z.strictObject(resnetOptions),
    summary: 'ResNet-34: 21.3 M parameters, 512 features',
    paper: resnetPaper,
    load: async () => (await import('./resnet')).resnet34,
  }),
  define({
    kind: 'encoder',
    name: 'resnet50',
    options: z.strictObject(resnetOptions),
    summary: 'ResNet-50: 23.5 M parameters, 2048 features',
    paper: resnetPaper,
    load: async () => (await import('./resnet')).resnet50,
  }),
  define({
    kind: 'encoder',
    name: 'vit',
    options: z.strictObject({
      ...vitOptions,
      dim: count.default(384).describe('length of a token and of the feature vector'),
      depth: count.default(12).describe('blocks'),
      heads: count.describe('attention heads, which divide dim; default dim/64').exactOptional(),
      mlpRatio: z.number().positive().default(4).describe('hidden extent of the MLPs, in dims'),
    }),
    summary: 'Vision transformer with any extents',
    paper: vitPaper,
    load: async () => (await import('./vit')).vit,
  }),
  define({
    kind: 'encoder',
    name: 'vit-tiny',
    options: z.strictObject(vitOptions),
    summary: 'ViT-Ti: 5.5 M parameters, 192 features',
    paper: deitPaper,
    load: async () => (await import('./vit')).vitTiny,
  }),
  define({
    kind: 'encoder',
    name: 'vit-small',
    options: z.strictObject(vitOptions),
    summary: 'ViT-S: 21.7 M parameters, 384 features',
    paper: deitPaper,
    load: async () => (await import('./vit')).vitSmall,
  }),
  define({
    kind: 'encoder',
    name: 'vit-base',
    options: z.strictObject(vitOptions),
    summary: 'ViT-B: 85.8 M parameters, 768 features',
    paper: vitPaper,
    load: async () => (await import('./vit')).vitBase,
  }),
]);
