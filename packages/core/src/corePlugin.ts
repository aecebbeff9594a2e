import { z } from 'zod';
import { type ParameterGroup, undecayedVectors } from './optim/groups';
import { define, definePlugin } from './plugin';

const fraction = z.number().min(0).lt(1);
const flag = z.boolean().default(false);
const decayOptions = (weightDecay: number) => ({
  weightDecay: z.number().min(0).default(weightDecay).describe('λ, how strongly parameters shrink'),
  decayVectors: flag.describe('whether biases and the scales of norms shrink too'),
});
const momentumOptions = {
  momentum: fraction.default(0.9).describe('memory of past gradients'),
  nesterov: flag.describe('look one step of momentum ahead'),
};
const adamOptions = {
  beta1: fraction.default(0.9).describe('β₁, memory of the gradient'),
  beta2: fraction.default(0.999).describe('β₂, memory of its square'),
  epsilon: z.number().positive().default(1e-8).describe('ε, added to the root of the second moment'),
};
const larsOptions = {
  variant: z.enum(['barlow', 'lightly', 'solo']).default('barlow').describe('whose trust ratio'),
  trustCoefficient: z.number().positive().default(0.001).describe('η, how far a parameter may move for its norm'),
  clipLearningRate: flag.describe('keep the trust ratio from raising the learning rate'),
};

function grouped<T extends { readonly decayVectors: boolean }>(
  options: T,
): Omit<T, 'decayVectors'> & { readonly groups: readonly ParameterGroup[] } {
  const { decayVectors, ...others } = options;
  return { ...others, groups: decayVectors ? [] : [undecayedVectors] };
}

/** What core brings to a registry: the optimizers, and the backends that need nothing installed. */
export const corePlugin = definePlugin('@unlabel/core', [
  define({
    kind: 'backend',
    name: 'cpu',
    options: z.strictObject({}),
    summary: 'tfjs in plain JavaScript: slow, runs everywhere',
    load: async () => (await import('./backends/cpu')).cpu,
  }),
  define({
    kind: 'backend',
    name: 'wasm',
    options: z.strictObject({
      path: z.string().describe('folder or URL prefix of the .wasm files').exactOptional(),
    }),
    summary: 'tfjs in WebAssembly: embeds with every model, cannot train convolutions',
    load: async () => (await import('./backends/wasm')).wasm,
  }),
  define({
    kind: 'optimizer',
    name: 'sgd',
    options: z.strictObject({ ...momentumOptions, ...decayOptions(0) }),
    summary: 'Gradient descent with momentum',
    paper: {
      citation: 'Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013',
      url: 'https://proceedings.mlr.press/v28/sutskever13.html',
    },
    golden: ['sgd_momentum'],
    load: async () => {
      const { sgd } = await import('./optim/sgd');
      return (options) => sgd(grouped(options));
    },
  }),
  define({
    kind: 'optimizer',
    name: 'adam',
    options: z.strictObject({ ...adamOptions, ...decayOptions(0) }),
    summary: 'Adam, with weight decay in the gradient',
    paper: {
      citation: 'Kingma & Ba, Adam: a method for stochastic optimization, ICLR 2015',
      url: 'https://arxiv.org/abs/1412.6980',
    },
    golden: ['adam'],
    load: async () => {
      const { adam } = await import('./optim/adam');
      return (options) => adam(grouped(options));
    },
  }),
  define({
    kind: 'optimizer',
    name: 'adamw',
    options: z.strictObject({ ...adamOptions, ...decayOptions(0.01) }),
    summary: 'Adam, with weight decay apart from the gradient',
    paper: {
      citation: 'Loshchilov & Hutter, Decoupled weight decay regularization, ICLR 2019',
      url: 'https://arxiv.org/abs/1711.05101',
    },
    golden: ['adamw'],
    load: async () => {
      const { adamw } = await import('./optim/adam');
      return (options) => adamw(grouped(options));
    },
  }),
  define({
    kind: 'optimizer',
    name: 'lars',
    options: z.strictObject({ ...larsOptions, ...momentumOptions, ...decayOptions(1e-6) }),
    summary: 'Momentum SGD for large batches, scaled layer by layer',
    paper: {
      citation: 'You, Gitman & Ginsburg, Large batch training of convolutional networks, 2017',
      url: 'https://arxiv.org/abs/1708.03888',
    },
    golden: ['lars_barlow_vicreg', 'lars_mocov3', 'lars_lightly', 'lars_lightly_nesterov_nowd'],
    load: async () => {
      const { lars } = await import('./optim/lars');
      return (options) => lars(grouped(options));
    },
  }),
]);
