import {
  adamw,
  type Backend,
  emaUpdate,
  hostScalar,
  lars,
  type NamedTensors,
  type Optimizer,
  sgd,
  tf,
  zeros,
} from '@unlabel/core';
import type { ConformanceCase } from '@unlabel/testkit';
import { registeredDevice } from './device/tfjsDevice';
import { require } from './requireFixture';
import { settingOf, startTraining, valuesOf } from './trainingFixture';
import { webgpu } from './webgpu';

/** What is donated is overwritten, in few dispatches, and nothing else is. */
export function inPlaceCases(backend: Backend = webgpu()): readonly ConformanceCase[] {
  const updates: Readonly<Record<string, Optimizer>> = { adamw: adamw(), sgd: sgd(), lars: lars({ groups: [] }) };
  return [
    ...Object.entries(updates).map(([name, optimizer]) => donatedUpdate(backend, name, optimizer)),
    donatedAverage(backend),
    sharedValues(backend),
    keptValues(backend),
    readingBeside(backend),
  ];
}

/** Small ones, and large ones whose norms no single workgroup sums up. */
const shapes: Readonly<Record<string, number[]>> = { a: [3, 5], b: [7, 2], c: [129, 128], d: [300, 60], e: [9, 9] };

function ones(prefix = ''): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [prefix + name, tf.ones(shape)]));
}

function updated(optimizer: Optimizer, given: { parameters: NamedTensors; slots: NamedTensors }, donated: boolean) {
  const rates = { learningRate: tf.scalar(0.1), weightDecayScale: tf.scalar(1), step: tf.scalar(0) };
  return optimizer.update({ ...given, gradients: ones(), ...rates, donated });
}

function stateOf(optimizer: Optimizer) {
  const variables = Object.entries(shapes).map(([name, shape]) => [name, { shape, initial: zeros, trainable: true }]);
  const slots = Object.keys(optimizer.slots(Object.fromEntries(variables)));
  const shapeOf = (slot: string) => shapes[slot.slice(slot.indexOf('/') + 1)] ?? [];
  return { parameters: ones(), slots: Object.fromEntries(slots.map((slot) => [slot, tf.zeros(shapeOf(slot))])) };
}

function donatedUpdate(backend: Backend, name: string, optimizer: Optimizer): ConformanceCase {
  return {
    name: `${name} writes what is donated where it was, in no more dispatches than there are parameters`,
    run: onGpu(backend, () => {
      const given = stateOf(optimizer);
      const before = dispatches();
      const moved = updated(optimizer, given, true);
      const taken = dispatches() - before;
      requireSame({ ...moved.parameters, ...moved.slots }, { ...given.parameters, ...given.slots });
      require(taken > 0 && taken <= Object.keys(shapes).length, `${taken} dispatches`);
    }),
  };
}

function donatedAverage(backend: Backend): ConformanceCase {
  return {
    name: 'a moving average writes into teachers that are donated, several in a dispatch',
    run: onGpu(backend, async () => {
      const teacher = ones();
      const student = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, tf.zeros(shape)]));
      const before = dispatches();
      requireSame(emaUpdate(teacher, student, 0.75, { donated: true }), teacher);
      require(dispatches() - before < Object.keys(shapes).length, `${dispatches() - before} dispatches`);
      requireAll('teacher', await (teacher.c ?? tf.scalar(0)).data(), 0.75);
      requireAll('student', await (student.c ?? tf.scalar(1)).data(), 0);
    }),
  };
}

function sharedValues(backend: Backend): ConformanceCase {
  return {
    name: 'donated tensors that share their values with others are left as they are',
    run: onGpu(backend, async () => {
      const given = stateOf(sgd());
      const sharing = Object.values(given.parameters).map((tensor) => tf.reshape(tensor, [-1]));
      const { parameters } = updated(sgd(), given, true);
      for (const tensor of sharing) requireAll('shared', await tensor.data(), 1);
      for (const tensor of Object.values(parameters)) requireAll('moved', await tensor.data(), Math.fround(0.9));
    }),
  };
}

function keptValues(backend: Backend): ConformanceCase {
  return {
    name: 'tensors that are not donated are left as they are, and reading them gives what they are now',
    run: onGpu(backend, async () => {
      const given = stateOf(sgd());
      const once = updated(sgd(), given, false);
      for (const tensor of Object.values(given.parameters)) requireAll('given', await tensor.data(), 1);
      for (const tensor of Object.values(once.parameters)) requireAll('once', await tensor.data(), Math.fround(0.9));
      const twice = updated(sgd({ momentum: 0 }), once, true);
      for (const tensor of Object.values(twice.parameters)) requireAll('twice', await tensor.data(), Math.fround(0.8));
    }),
  };
}

function readingBeside(backend: Backend): ConformanceCase {
  return {
    name: 'state that is read while a step runs is the state before or after it',
    run: async () => {
      const { step, state, inputs } = await startTraining(await backend.open(), settingOf('SimCLR of a ViT'), sgd());
      const name = Object.keys(state.specs).find((entry) => entry.startsWith('encoder/')) ?? '';
      const run = (index: number) => step.run(state, { ...inputs, step: hostScalar(index) }, [1, 'step', index]);
      const before = valuesOf(await state.read([name]), name);
      const reading = state.read([name]);
      const running = run(0);
      const beside = state.read([name]);
      await running;
      const after = valuesOf(await state.read([name]), name);
      require(before.join() !== after.join(), `${name} did not move.`);
      require(valuesOf(await reading, name).join() === before.join(), 'What was read first is not the state before.');
      const found = valuesOf(await beside, name).join();
      require([before.join(), after.join()].includes(found), 'What was read beside the step is neither state.');
      state.dispose();
    },
  };
}

/** Runs a check with the GPU's backend active, and disposes of its tensors. */
function onGpu(backend: Backend, check: () => void | Promise<void>): () => Promise<void> {
  return async () => {
    await backend.open();
    tf.engine().startScope();
    try {
      await check();
    } finally {
      tf.engine().endScope();
    }
  };
}

function dispatches(): number {
  return registeredDevice()?.dispatcher.dispatches ?? 0;
}

function requireSame(found: NamedTensors, given: NamedTensors): void {
  const other = Object.keys(given).filter((name) => found[name]?.dataId !== given[name]?.dataId);
  require(other.length === 0, `${other.join(', ')} went elsewhere.`);
}

function requireAll(name: string, values: ArrayLike<number>, expected: number): void {
  const other = Array.from(values).find((value) => Math.abs(value - expected) > 1e-6);
  require(other === undefined, `${name} has ${other} instead of ${expected}.`);
}
