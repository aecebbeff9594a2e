import {
  type Backend,
  cpu,
  define,
  definePlugin,
  type Evaluator,
  type Modality,
  moveTeacher,
  type Objective,
  requireTokenEncoder,
  scheduled,
  teacherMomentum,
  teacherOf,
  tf,
  type ViewPipeline,
} from '@unlabel/core';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { augmentationConformance } from './conformance/augmentation';
import { backendConformance } from './conformance/backend';
import type { ConformanceCase } from './conformance/conformanceCase';
import { datasetConformance } from './conformance/dataset';
import { evaluatorConformance } from './conformance/evaluator';
import { objectiveConformance } from './conformance/objective';
import { objectivePluginConformance } from './conformance/objectivePlugin';

/** Names of the cases that do not hold. */
async function broken(cases: readonly ConformanceCase[]): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of cases) {
    await run().catch(() => names.push(name));
  }
  return names;
}

test('the backend suite sees state that does not move and random draws of one’s own', async () => {
  const forgetful: Backend = {
    ...cpu(),
    open: async () => {
      const session = await cpu().open();
      return {
        ...session,
        compile: async (step, signature) =>
          session.compile(
            ({ state, inputs }) => ({ outputs: step({ state, inputs, random: zeros }).outputs }),
            signature,
          ),
      };
    },
  };
  const zeros = { normal: (_: string, shape: readonly number[]) => tf.zeros([...shape]), uniform: () => tf.zeros([4]) };
  const names = await broken(
    backendConformance(forgetful).filter(({ name }) => !name.includes('values and gradients')),
  );
  expect(names).toContain('state stays between runs, and outputs may be inputs');
  expect(names).toContain('draws what a key and a name stand for, anew for each key');
  expect(names).toContain('refuses two draws of one name');
});

test('the backend suite sees an op that is said to be missing and is not', async () => {
  const cases = backendConformance(cpu(), { unsupported: ['relu'] }).filter(({ name }) => name.startsWith('relu'));
  expect(await broken(cases)).toEqual(['relu: refuses it by name']);
});

describe('the objective suite', () => {
  const faulty = (loss: (z: tf.Tensor2D) => tf.Scalar): Objective => ({
    name: 'faulty',
    views: { min: 2 },
    minBatch: 2,
    bind: (encoder) => ({
      variables: Object.fromEntries(
        Object.entries(encoder.variables).map(([name, variable]) => [`encoder/${name}`, variable]),
      ),
      loss: ({ views: [view = tf.zeros([1, 6])] }, context) => {
        const projection = encoder.apply(view, context.scope('encoder'));
        return { loss: loss(projection), terms: { all: loss(projection) }, projection };
      },
    }),
  });

  test('sees a loss that prefers the first sample, and one that takes any batch', async () => {
    const first = await broken(objectiveConformance(faulty((z) => tf.sum(tf.square(tf.slice2d(z, [0, 0], [1, 5]))))));
    expect(first).toEqual(['does not depend on the order of samples', 'takes batches of 2, and refuses smaller ones']);
  });

  test('sees gradients that are zero, and losses that are not numbers', async () => {
    const still = await broken(objectiveConformance(faulty((z) => tf.mul(tf.sum(z), 0))));
    expect(still).toContain('reaches every trainable variable with its gradient');
    const nan = await broken(objectiveConformance(faulty((z) => tf.sum(tf.log(tf.neg(tf.square(z)))))));
    expect(nan).toContain('gives a finite loss, finite terms and a projection for every sample');
  });

  test('sees what is remembered outside the state, teachers that go their own way, and draws of other shapes', async () => {
    let calls = 0;
    const still = faulty((z) => tf.mean(tf.square(z)));
    const forgetful: Objective = {
      ...still,
      bind: (encoder) => {
        const bound = still.bind(encoder);
        return {
          ...bound,
          variables: { ...bound.variables, ...teacherOf(bound.variables) },
          schedules: { momentum: teacherMomentum(0.9) },
          draws: {
            specs: (batch) => ({ mask: { shape: [batch], dtype: 'float32' } }),
            draw: () => ({ mask: { shape: [11], dtype: 'float32', data: new Float32Array(11) } }),
          },
          loss: (inputs, context) => {
            const report = bound.loss(inputs, context);
            calls += 1;
            return { ...report, loss: tf.mul(report.loss, calls) };
          },
          afterUpdate: ({ scalars }, context) =>
            moveTeacher(context, bound.variables, tf.mul<tf.Scalar>(scheduled(scalars, 'momentum'), 0.99)),
        };
      },
    };
    expect(await broken(objectiveConformance(forgetful))).toEqual(
      expect.arrayContaining([
        'remembers nothing but its state: the same bits when that was saved and loaded in between',
        'moves its teacher by the average of trained variables alone, as its momentum says',
        'draws the shapes that it says, for any batch',
      ]),
    );
  });

  test('gives tokens, local crops and labels to those that say so', async () => {
    const seen: string[] = [];
    const picky: Objective = {
      ...faulty((z) => tf.mean(tf.square(z))),
      needs: ['labels'],
      bind: (encoder) => ({
        ...faulty((z) => tf.mean(tf.square(z))).bind(requireTokenEncoder(encoder, 'picky')),
        loss: ({ views, tensors }, context) => {
          seen.push(`${views.map(({ shape }) => shape.join('×'))} ${tensors.labels?.dtype} ${tensors.labels?.shape}`);
          const features = views.map((view) => encoder.apply(view, context.scope('encoder')));
          const loss = tf.addN<tf.Scalar>(features.map((z) => tf.mean(tf.square(z))));
          return { loss, terms: { all: loss }, projection: features[0] ?? tf.zeros([0, 0]) };
        },
      }),
    };
    const cases = objectiveConformance(
      { ...picky, minBatch: 1 },
      { traits: { encoder: 'tokens', views: 'multi-crop' } },
    );
    expect(await broken(cases)).toEqual([]);
    expect(seen[0]).toBe('11×12×12×1,11×12×12×1,11×6×6×1,11×6×6×1 int32 11');
  });

  const loose = define({
    kind: 'objective',
    name: 'loose',
    summary: 'Takes what it is given',
    options: z.object({ scale: z.any().describe('Anything.') }),
    small: { scale: 3 },
    load: async () => (options) => {
      if (options.scale !== 3) return faulty((z) => tf.sum(z));
      throw new Error('These are its small options.');
    },
  });

  test('sees definitions without a paper, with loose options, another name or small options that fail', async () => {
    const cases = await objectivePluginConformance(definePlugin('faulty-plugin', [loose]));
    expect(await broken(cases)).toEqual([
      'loose: has a summary and a paper',
      'loose: is made by name with the paper’s options, and needs labels if its traits say so',
      'loose: refuses options that it does not know, and null for those that it does',
      'loose: binds an encoder with its small options',
    ]);
    await expect(cases.at(-1)?.run()).rejects.toThrow('loose: These are its small options.');
  });

  test('holds each method of a plugin to the suite of objectives, with its small options', async () => {
    const sum = define({
      kind: 'objective',
      name: 'sum',
      summary: 'Looks at the first samples, as many as it is told.',
      options: z.strictObject({ count: z.int().default(8) }),
      small: { count: 1 },
      load:
        async () =>
        ({ count }) =>
          faulty((z) => tf.sum(tf.square(tf.slice2d(z, [0, 0], [count, 5])))),
    });
    const cases = await objectivePluginConformance(definePlugin('faulty-plugin', [sum]));
    expect(await broken(cases)).toContain('sum: does not depend on the order of samples');
  });
});

test('the augmentation suite sees hidden randomness, unwritten values and a changed sample', async () => {
  let calls = 0;
  const pipeline: ViewPipeline<number> = {
    outputs: { 'views/0': { shape: [2, 2, 3], dtype: 'float32' } },
    draw: (random) => random.uniform(),
    render: (image, drawn, targets) => {
      calls += 1;
      image.data[0] = calls;
      targets['views/0']?.fill(drawn + calls, 0, 11);
    },
  };
  expect(await broken(augmentationConformance(pipeline))).toHaveLength(5);
});

test.each<[Modality, readonly number[]]>([
  ['series', [8, 2]],
  ['text', [8]],
  ['pairs', [4, 4, 1]],
  ['rows', [5]],
])('the augmentation suite makes up %s, and sees an int32 output that is not written', async (modality, shape) => {
  const pipeline = (written: number): ViewPipeline<number, object> => ({
    modality,
    outputs: { 'views/0': { shape, dtype: 'float32' }, 'masked/0': { shape: [3], dtype: 'int32' } },
    draw: (random) => random.uniform(),
    render: (sample, drawn, targets) => {
      targets['views/0']?.fill(drawn + Object.keys(sample).length);
      targets['masked/0']?.fill(1, 0, written);
    },
  });
  expect(await broken(augmentationConformance(pipeline(3)))).toEqual([]);
  expect(await broken(augmentationConformance(pipeline(2)))).toHaveLength(3);
});

test('the data set suite sees samples beyond the end and labels without a class', async () => {
  const dataset = {
    name: 'faulty',
    length: 3,
    fingerprint: 'x',
    sampleName: () => 'sample',
    read: () => ({ data: new Uint8Array(3), height: 2, width: 2, channels: 1 }),
    stretches: { starts: Int32Array.of(0, 3), together: 1 },
    labels: { values: Int32Array.of(0, 1, 2), classes: ['a', 'b'] },
  };
  expect(await broken(datasetConformance(dataset))).toEqual([
    'gives samples of its modality, whose values fit their size',
    'has stretches that begin at the first sample and ascend, or none',
    'names its samples apart',
    'fails outside its range instead of making samples up',
    'has a label of a known class for every sample, or no labels',
  ]);
});

test.each([
  ['series', { data: new Float32Array(5), length: 3, channels: 2 }],
  ['series', { data: new Uint8Array(6), length: 3, channels: 2 }],
  ['rows', { data: Float32Array.of(Number.NaN) }],
  ['text', { data: 'text' }],
  ['pairs', { image: { data: new Uint8Array(3), height: 1, width: 1, channels: 3 } }],
  ['pairs', { text: 'text' }],
] as const)('the data set suite sees faulty samples of %s', async (modality, sample) => {
  const dataset = {
    name: 'faulty',
    modality,
    length: 2,
    fingerprint: 'x',
    sampleName: (index: number) => `sample ${index}`,
    read: (index: number) => (index >= 0 && index < 2 ? sample : Promise.reject(new Error('outside'))),
  };
  expect(await broken(datasetConformance(dataset))).toEqual([
    'gives samples of its modality, whose values fit their size',
  ]);
});

test('the evaluator suite sees a network’s trainer that measures mere features', async () => {
  const evaluator: Evaluator = { name: 'lax', trainsNetwork: true, evaluate: async () => ({ accuracy: 1 }) };
  expect(await broken(evaluatorConformance(evaluator))).toHaveLength(1);
});

test('the evaluator suite sees accuracies in percent and figures that change', async () => {
  let calls = 0;
  const evaluator: Evaluator = {
    name: 'faulty',
    evaluate: async () => {
      calls += 1;
      return { accuracy: 97, calls };
    },
  };
  expect(await broken(evaluatorConformance(evaluator))).toHaveLength(2);
});
