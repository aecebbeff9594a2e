import {
  adam,
  adamw,
  attention,
  bothLogSumExp,
  clipByGlobalNorm,
  emaUpdate,
  gelu,
  type HostTensor,
  hostScalar,
  hostTensor,
  lars,
  layerContext,
  layerNorm,
  type NamedTensors,
  type Optimizer,
  randomStream,
  rowLogSumExp,
  sgd,
  sizeOf,
  tf,
  zeros,
} from '@unlabel/core';
import { eppsPulley } from '@unlabel/jepa';
import { dclLoss, multiViewNtXentLoss, ntXentLoss } from '@unlabel/losses-contrastive';
import type { OpCase } from '@unlabel/testkit';

/** Every fused op, at sizes that fill no workgroup and at some that fill several. */
export function kernelCases(): readonly OpCase[] {
  return [
    ...layerNorms(),
    ...gelus(),
    ...attentions(),
    ...secondGradients(),
    ...ntXents(),
    ...pairLogSumExps(),
    ...eppsPulleys(),
    ...optimizers(),
    ...norms(),
  ];
}

function layerNorms(): OpCase[] {
  const shapes = [
    [1, 1],
    [3, 7],
    [2, 5, 64],
    [130, 65],
    [9, 300],
  ];
  return shapes.map((shape) => {
    const dim = shape.at(-1) ?? 1;
    return {
      name: `layerNorm of [${shape}]`,
      inputs: { x: normal('x', shape), scale: normal('scale', [dim]), offset: normal('offset', [dim]) },
      compute: ({ x = tf.scalar(0), ...variables }) => layerNorm({ dim }).apply(x, contextOf(variables)),
      differentiable: true,
      tolerance: 1e-5,
    };
  });
}

function gelus(): OpCase[] {
  const x = normal('x', [4, 257], 4);
  return [
    {
      name: 'gelu of [1]',
      inputs: { x: normal('x', [1]) },
      compute: ({ x = tf.scalar(0) }) => gelu(x),
      differentiable: true,
    },
    { name: 'gelu from −12 to 12', inputs: { x }, compute: ({ x = tf.scalar(0) }) => gelu(x), differentiable: true },
  ];
}

/** Tokens that leave a tile half empty, fill it, and begin another; heads of less than a vector, and of several tiles. */
function attentions(): OpCase[] {
  const extents: [batch: number, tokens: number, heads: number, headDim: number, causal: boolean][] = [
    [2, 7, 3, 5, false],
    [2, 33, 2, 6, true],
    [1, 64, 1, 32, true],
    [1, 35, 1, 64, false],
    [1, 70, 1, 70, true],
  ];
  return extents.map(([batch, tokens, heads, headDim, causal]) => {
    const dim = heads * headDim;
    return {
      name: `${causal ? 'causal attention' : 'attention'} of [${batch},${tokens},${dim}] by ${heads} heads`,
      inputs: {
        x: normal('x', [batch, tokens, dim]),
        'qkv/kernel': normal('kernel', [dim, 3 * dim], 1.5 / Math.sqrt(dim)),
        'qkv/bias': normal('bias', [3 * dim]),
        'proj/kernel': normal('out', [dim, dim], 1 / Math.sqrt(dim)),
      },
      compute: ({ x = tf.scalar(0), ...variables }) =>
        attention({ dim, heads, causal, bias: false }).apply(tf.reshape(x, [batch, tokens, dim]), contextOf(variables)),
      differentiable: true,
      tolerance: 1e-5,
    };
  });
}

/** Ops whose values are gradients already. */
function secondGradients(): OpCase[] {
  const energy = (op: (x: tf.Tensor) => tf.Tensor) => tf.grad((x) => tf.sum(tf.square(op(x))));
  return [
    {
      name: 'the gradient of a gradient of gelu',
      inputs: { x: normal('x', [5, 3]) },
      compute: ({ x = tf.scalar(0) }) => energy(gelu)(x),
      differentiable: true,
    },
  ];
}

function ntXents(): OpCase[] {
  const shapes: [rows: number, dim: number, views: number][] = [
    [2, 1, 2],
    [34, 7, 2],
    [69, 128, 3],
    [66, 300, 2],
  ];
  const coupled = shapes.map(([rows, dim, views]) => ({
    name: `NT-Xent of ${views} views, [${rows},${dim}]`,
    inputs: { z: normal('z', [rows, dim], 3), temperature: hostScalar(0.3) },
    compute: ({ z = tf.scalar(0), temperature = tf.scalar(1) }: NamedTensors) =>
      multiViewNtXentLoss(tf.split(matrix(z), views), { temperature: tf.reshape(temperature, []) }),
    differentiable: true,
    tolerance: 1e-5,
  }));
  const decoupled = shapes.slice(1, 2).map(([rows, dim]) => ({
    name: `DCL of [${rows},${dim}]`,
    inputs: { z: normal('z', [rows, dim], 3), temperature: hostScalar(0.1) },
    compute: ({ z = tf.scalar(0), temperature = tf.scalar(1) }: NamedTensors) =>
      dclLoss(...halves(z), { temperature: tf.reshape(temperature, []) }),
    differentiable: true,
    tolerance: 1e-5,
  }));
  const zeros = {
    name: 'NT-Xent with a row of zeros',
    inputs: { z: hostTensor(Float32Array.of(1, 2, 0, 0, -1, 1, 2, 0.5), [4, 2]) },
    compute: ({ z = tf.scalar(0) }: NamedTensors) => ntXentLoss(...halves(z)),
    differentiable: true,
  };
  return [...coupled, ...decoupled, zeros];
}

function pairLogSumExps(): OpCase[] {
  const shapes: [number, number, number][] = [
    [1, 1, 3],
    [33, 70, 33],
    [64, 5, 130],
  ];
  const constant = {
    name: 'rowLogSumExp of constant keys',
    inputs: { queries: normal('q', [34, 9]), keys: normal('k', [65, 9]) },
    compute: ({ queries = tf.scalar(0), keys = tf.scalar(0) }: NamedTensors) =>
      rowLogSumExp(matrix(queries), matrix(keys), { constantKeys: true }),
    differentiable: true,
    tolerance: 1e-5,
  };
  const pairs = [rowLogSumExp, bothLogSumExp].flatMap((op) =>
    shapes.map(([rows, columns, dim]) => ({
      name: `${op.name} of [${rows},${dim}] and [${columns},${dim}]`,
      inputs: { queries: normal('q', [rows, dim], 3 / Math.sqrt(dim)), keys: normal('k', [columns, dim]) },
      compute: ({ queries = tf.scalar(0), keys = tf.scalar(0) }: NamedTensors) => op(matrix(queries), matrix(keys)),
      differentiable: true,
      tolerance: 1e-5,
    })),
  );
  return [...pairs, constant];
}

function eppsPulleys(): OpCase[] {
  const shapes = [
    [1, 1],
    [5, 3],
    [130, 65],
    [2, 300, 70],
  ];
  const settings = [{}, { knots: 2, reach: 1 }, { knots: 9, reach: 5 }, {}];
  return shapes.map((shape, index) => ({
    name: `Epps–Pulley of [${shape}]`,
    inputs: { samples: normal('samples', shape, 2) },
    compute: ({ samples = tf.scalar(0) }) => eppsPulley(samples, settings[index]),
    differentiable: true,
    tolerance: 2e-5,
  }));
}

/** Two steps, the second in place, of parameters that fill less than a workgroup, and of more large ones than LARS sums up at once. */
function optimizers(): OpCase[] {
  const all: Record<string, Optimizer> = {
    adamw: adamw(),
    'adam with decay and rates': adam({
      weightDecay: 0.1,
      groups: [{ where: (name) => name === 'a', learningRateScale: 0.5 }],
    }),
    sgd: sgd({ weightDecay: 0.1 }),
    'sgd with Nesterov': sgd({ nesterov: true }),
    lars: lars({ weightDecay: 0.1 }),
    'lars as lightly': lars({ variant: 'lightly', weightDecay: 0.1, groups: [], nesterov: true }),
    'lars as solo': lars({ variant: 'solo', weightDecay: 0.1, clipLearningRate: true }),
  };
  const shapes = { a: [3, 5], b: [7], c: [129, 128], d: [128, 128], e: [300, 60], f: [1, 17_000] };
  const gradients = Object.entries(shapes).map(
    ([name, shape]) => [`gradient/${name}`, normal(`g${name}`, shape)] as const,
  );
  const parameters = Object.entries(shapes).map(([name, shape]) => [name, normal(name, shape)] as const);
  return Object.entries(all).map(([name, optimizer]) => ({
    name,
    inputs: Object.fromEntries([...parameters, ...gradients]),
    compute: (inputs) => twoSteps(optimizer, shapes, inputs),
    differentiable: false,
    tolerance: 1e-5,
  }));
}

function twoSteps(optimizer: Optimizer, shapes: Record<string, number[]>, inputs: NamedTensors): tf.Tensor {
  const pick = (prefix: string) =>
    Object.fromEntries(Object.keys(shapes).map((name) => [name, inputs[prefix + name] ?? tf.scalar(0)]));
  const variables = Object.entries(shapes).map(
    ([name, shape]) => [name, { shape, initial: zeros, trainable: true }] as const,
  );
  const slots = Object.entries(optimizer.slots(Object.fromEntries(variables)));
  let state = {
    parameters: pick(''),
    slots: Object.fromEntries(slots.map(([name, { shape }]) => [name, tf.zeros([...shape])])),
  };
  for (const step of [0, 1]) {
    const rates = { learningRate: tf.scalar(0.1), weightDecayScale: tf.scalar(0.5), step: tf.scalar(step) };
    const { parameters, slots } = optimizer.update({
      ...state,
      gradients: pick('gradient/'),
      ...rates,
      donated: step > 0,
    });
    state = { parameters: { ...parameters }, slots: { ...slots } };
  }
  const tensors = [...Object.values(state.parameters), ...Object.values(state.slots)];
  return tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1])));
}

function norms(): OpCase[] {
  const shapes = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [`t${index}`, [index + 1, 3 ** (index % 5)]]),
  );
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, normal(name, shape)]));
  const clipped = (tensors: NamedTensors, maxNorm?: number) => {
    const { gradients, norm } = clipByGlobalNorm(tensors, maxNorm);
    return tf.concat([tf.reshape(norm, [1]), ...Object.values(gradients).map((tensor) => tf.reshape(tensor, [-1]))]);
  };
  const teachers = (tensors: NamedTensors) => {
    const students = Object.fromEntries(Object.keys(tensors).map((name) => [name, tf.ones(shapes[name] ?? [])]));
    return tf.concat(Object.values(emaUpdate(tensors, students, 0.9)).map((tensor) => tf.reshape(tensor, [-1])));
  };
  return [
    {
      name: 'norm of nine tensors',
      inputs,
      compute: (tensors) => clipped(tensors),
      differentiable: false,
      tolerance: 1e-6,
    },
    {
      name: 'nine clipped tensors',
      inputs,
      compute: (tensors) => clipped(tensors, 2),
      differentiable: false,
      tolerance: 1e-6,
    },
    { name: 'nine moving averages', inputs, compute: teachers, differentiable: false, tolerance: 1e-6 },
  ];
}

function halves(z: tf.Tensor): [tf.Tensor2D, tf.Tensor2D] {
  const half = (z.shape[0] ?? 0) / 2;
  return [tf.slice(matrix(z), [0, 0], [half, -1]), tf.slice(matrix(z), [half, 0], [half, -1])];
}

function matrix(tensor: tf.Tensor): tf.Tensor2D {
  return tf.reshape(tensor, [tensor.shape[0] ?? 1, -1]);
}

function contextOf(variables: NamedTensors) {
  const unused = () => tf.scalar(0);
  return layerContext(variables, { training: true, random: { normal: unused, uniform: unused } }).context;
}

function normal(name: string, shape: readonly number[], std = 1): HostTensor {
  const stream = randomStream(['kernels', name]);
  return hostTensor(
    Float32Array.from({ length: sizeOf(shape) }, () => std * stream.normal()),
    shape,
  );
}
