import { beforeAll, describe, expect, test } from 'vitest';
import adamFile from '../../golden/adam.json' with { type: 'json' };
import adamwFile from '../../golden/adamw.json' with { type: 'json' };
import larsBarlow from '../../golden/lars_barlow_vicreg.json' with { type: 'json' };
import larsLightly from '../../golden/lars_lightly.json' with { type: 'json' };
import larsNesterov from '../../golden/lars_lightly_nesterov_nowd.json' with { type: 'json' };
import larsMocov3 from '../../golden/lars_mocov3.json' with { type: 'json' };
import sgdFile from '../../golden/sgd_momentum.json' with { type: 'json' };
import type { NamedTensors } from '../backend';
import { cpu } from '../backends/cpu';
import { toTensor } from '../backends/eager';
import { UnlabelError } from '../errors';
import { expectGolden, fromGolden, type GoldenTensor } from '../goldenFixture';
import { zeros } from '../nn/initializers';
import { initialise } from '../nn/layer';
import { tf } from '../tf';
import { adam, adamw } from './adam';
import { layerwiseDecay, undecayedVectors } from './groups';
import { lars } from './lars';
import type { Optimizer } from './optimizer';
import { sgd } from './sgd';

beforeAll(async () => {
  await cpu().open();
});

interface GoldenRun {
  readonly inputs: Readonly<Record<string, GoldenTensor>>;
  readonly outputs: Readonly<Record<string, GoldenTensor>>;
  readonly params: { readonly lr: number };
  readonly tolerance: { readonly float32: { readonly outputs_rtol_of_max: number } };
}

const [all, vectorsUndecayed] = [{ groups: [] }, { groups: [undecayedVectors] }];

test.each<[string, Optimizer, GoldenRun]>([
  ['SGD with momentum', sgd({ weightDecay: 0.01, ...all }), sgdFile],
  ['Adam', adam({ weightDecay: 0.01, ...all }), adamFile],
  ['AdamW', adamw({ weightDecay: 0.05, ...all }), adamwFile],
  ['LARS of Barlow Twins and VICReg', lars({ weightDecay: 0.01, ...vectorsUndecayed }), larsBarlow],
  ['LARS of MoCo v3', lars({ weightDecay: 0.01 }), larsMocov3],
  ['LARS of lightly', lars({ variant: 'lightly', weightDecay: 0.01, ...all }), larsLightly],
  ['LARS of lightly, Nesterov, no decay', lars({ variant: 'lightly', nesterov: true, ...all }), larsNesterov],
])('%s moves parameters as the reference does', (_, optimizer, file) => {
  const { inputs, outputs, params, tolerance } = file;
  const tensors = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, fromGolden(value)]));
  const steps = Object.keys(inputs).filter((name) => /^g\d+_0$/.test(name)).length;
  expect(steps).toBeGreaterThan(2);
  let parameters = pick(tensors, { p0: 'p0', p1: 'p1' });
  let slots = firstSlots(optimizer, parameters);
  for (let step = 0; step < steps; step++) {
    const gradients = pick(tensors, { p0: `g${step}_0`, p1: `g${step}_1` });
    ({ parameters, slots } = move(optimizer, { parameters, gradients, slots, rate: params.lr, step }));
    for (const [name, tensor] of Object.entries(parameters)) {
      const expected = outputs[`${name}_after_step${step + 1}`];
      expectGolden(tensor, expected ?? { shape: [], data: [] }, tolerance.float32.outputs_rtol_of_max);
    }
  }
});

describe('every optimizer', () => {
  const optimizers = [
    sgd({ weightDecay: 1 }),
    adam({ weightDecay: 1 }),
    adamw({ weightDecay: 1 }),
    lars({ weightDecay: 1 }),
  ];

  test.each(optimizers.map((optimizer) => [optimizer.name, optimizer] as const))(
    '%s keeps finite where gradients and parameters are 0, and leaves no tensors behind',
    (_, optimizer) => {
      const parameters = { kernel: tf.zeros([2, 2]), bias: tf.zeros([2]) };
      const slots = firstSlots(optimizer, parameters);
      const before = tf.memory().numTensors;
      const next = move(optimizer, { parameters, gradients: parameters, slots, rate: 0.1, step: 0 });
      for (const tensor of Object.values(next.parameters)) expect(tensor.dataSync().every((v) => v === 0)).toBe(true);
      tf.dispose(next);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test.each(optimizers.map((optimizer) => [optimizer.name, optimizer] as const))(
    '%s decays matrices and leaves vectors alone when gradients are 0',
    (name, optimizer) => {
      const parameters = { kernel: tf.ones([2, 2]), bias: tf.ones([2]) };
      const gradients = { kernel: tf.zeros([2, 2]), bias: tf.zeros([2]) };
      const slots = firstSlots(optimizer, parameters);
      const next = move(optimizer, { parameters, gradients, slots, rate: 0.1, step: 0 });
      expect(next.parameters.kernel?.dataSync()[0], name).toBeLessThan(1);
      expect(next.parameters.bias?.dataSync()[0], name).toBe(1);
      const undecayed = move(optimizer, { parameters, gradients, slots, rate: 0.1, step: 0, weightDecayScale: 0 });
      expect(undecayed.parameters.kernel?.dataSync()[0], name).toBe(1);
    },
  );
});

test('groups scale the learning rate of their parameters', () => {
  const groups = [{ where: (name: string) => name === 'slow', learningRateScale: 0.1 }];
  const parameters = { slow: tf.zeros([1]), fast: tf.zeros([1]) };
  const gradients = { slow: tf.ones([1]), fast: tf.ones([1]) };
  const optimizer = sgd({ groups });
  const next = move(optimizer, { parameters, gradients, slots: firstSlots(optimizer, parameters), rate: 1, step: 0 });
  expect(next.parameters.fast?.dataSync()[0]).toBeCloseTo(-1, 6);
  expect(next.parameters.slow?.dataSync()[0]).toBeCloseTo(-0.1, 6);
});

test('layer-wise decay gives the last layer one factor and each before it one more', () => {
  const depthOf = (variable: string) => Number(variable.split('/')[0]);
  const apply = (input: tf.Tensor): tf.Tensor2D => tf.reshape(input, [1, -1]);
  const encoder = { name: 'test', inputShape: [1], outputDim: 1, variables: {}, apply, depthOf, depth: 2 };
  const groups = layerwiseDecay(encoder, 0.5);
  const scaleOf = (name: string) =>
    groups.filter((group) => group.where(name, [])).map((group) => group.learningRateScale);
  expect(scaleOf('encoder/2/kernel')).toEqual([0.5]);
  expect(scaleOf('encoder/0/kernel')).toEqual([0.125]);
  expect(scaleOf('head/2/kernel')).toEqual([]);
});

test('options change what LARS and SGD do', () => {
  const parameters = { kernel: tf.ones([2, 2]) };
  const gradients = { kernel: tf.fill([2, 2], 0.5) };
  const first = (optimizer: Optimizer) => {
    let state: Pick<Move, 'parameters' | 'slots'> = { parameters, slots: firstSlots(optimizer, parameters) };
    for (const step of [0, 1]) state = move(optimizer, { ...state, gradients, rate: 0.001, step });
    return state.parameters.kernel?.dataSync()[0];
  };
  const plain = first(lars({ variant: 'solo' }));
  expect(first(lars({ variant: 'solo', nesterov: true }))).not.toBe(plain);
  expect(first(lars({ variant: 'solo', trustCoefficient: 0.02 }))).not.toBe(plain);
  expect(first(lars({ variant: 'solo', clipLearningRate: true }))).not.toBe(plain);
  expect(first(lars({ variant: 'lightly' }))).not.toBe(plain); // no decay: not adapted
  expect(first(sgd({ nesterov: true }))).not.toBe(first(sgd()));
});

test('names the tensor that is missing', () => {
  const parameters = { kernel: tf.ones([1]) };
  const act = () => move(sgd(), { parameters, gradients: {}, slots: {}, rate: 1, step: 0 });
  expect(act).toThrow(UnlabelError);
  expect(act).toThrow('kernel');
});

function pick(tensors: NamedTensors, names: Readonly<Record<string, string>>): NamedTensors {
  return Object.fromEntries(Object.entries(names).map(([as, name]) => [as, tensors[name] ?? tf.zeros([0])]));
}

function firstSlots(optimizer: Optimizer, parameters: NamedTensors): NamedTensors {
  const variables = Object.entries(parameters).map(
    ([name, { shape }]) => [name, { shape, initial: zeros, trainable: true }] as const,
  );
  const initial = initialise(optimizer.slots(Object.fromEntries(variables)), 0);
  return Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, toTensor(value)]));
}

interface Move {
  readonly parameters: NamedTensors;
  readonly gradients: NamedTensors;
  readonly slots: NamedTensors;
  readonly rate: number;
  readonly step: number;
  readonly weightDecayScale?: number;
}

function move(optimizer: Optimizer, { rate, step, weightDecayScale = 1, ...tensors }: Move) {
  return tf.tidy(() => {
    const scalars = {
      learningRate: tf.scalar(rate),
      weightDecayScale: tf.scalar(weightDecayScale),
      step: tf.scalar(step),
    };
    const { parameters, slots } = optimizer.update({ ...tensors, ...scalars });
    return { parameters: { ...parameters }, slots: { ...slots } };
  });
}
