import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { type HostTensors, hostScalar, sgd } from '@unlabel/core';
import { simclr } from '@unlabel/losses-contrastive';
import { mlp } from '@unlabel/models';
import type { WebgpuSession } from '../src/index';
import { startTraining } from '../src/trainingFixture';

const [batch, inputDim, temperature, learningRate, momentum] = [256, 784, 0.1, 1e-3, 0.9];

/** A perceptron without norms, 784 → 512 → 128, and a linear projector of 64. */
const network = {
  encoder: mlp({ inputShape: [inputDim], hidden: [512], outputDim: 128, norm: 'none' }),
  objective: simclr({ projector: [64], temperature }),
};
const layers = ['encoder/layers/0', 'encoder/layers/1', 'projector/layers/0'];

type Arrays = Record<string, np.Array>;

/** One side: a step gives its loss, when it has been computed. */
interface Side {
  step(index: number): Promise<number>;
}

/**
 * The training step against jax-js, which compiles steps for WebGPU as well: SimCLR of a perceptron with SGD, from the same
 * weights on the same views, in turns. Its device is another of the same adapter.
 */
export async function printJaxJs(session: WebgpuSession, rounds: number): Promise<void> {
  const { step, state, inputs } = await startTraining(session, { ...network, batch, views: 2 }, sgd({ momentum }));
  const sides: Readonly<Record<string, Side>> = {
    'jax-js': await jaxJs(await state.read(), inputs),
    Unlabel: {
      step: async (index) => {
        const given = { ...inputs, learningRate: hostScalar(learningRate), step: hostScalar(index) };
        const { loss } = await step.run(state, given, [1, 'step', index]);
        return loss?.data[0] ?? Number.NaN;
      },
    },
  };
  const dispatches = countDispatches();
  const taken = Object.keys(sides).map((name) => ({ name, ms: [] as number[], losses: [] as number[], dispatches: 0 }));
  for (let round = 0; round <= rounds; round++) {
    for (const side of taken) {
      const before = dispatches();
      const start = performance.now();
      side.losses.push((await sides[side.name]?.step(round)) ?? Number.NaN);
      if (round > 0) side.ms.push(performance.now() - start); // the first compiles shaders
      side.dispatches = dispatches() - before;
    }
  }
  state.dispose();
  console.log(`\nSimCLR of a perceptron, 784 → 512 → 128 → 64, ${2 * batch} views, SGD with momentum\n`);
  console.log('| step of | ms | dispatches | first loss | last loss |\n| --- | ---: | ---: | ---: | ---: |');
  for (const { name, ms, losses, dispatches } of taken) {
    const median = ms.toSorted((a, b) => a - b)[Math.floor(ms.length / 2)] ?? Number.NaN;
    const [first = Number.NaN, last = Number.NaN] = [losses[0], losses.at(-1)];
    console.log(`| ${[name, median.toFixed(1), dispatches, first.toFixed(4), last.toFixed(4)].join(' | ')} |`);
  }
}

/** The same step in jax-js, compiled whole. */
async function jaxJs(state: HostTensors, inputs: HostTensors): Promise<Side> {
  if (!(await init('webgpu')).includes('webgpu')) throw new Error('jax-js finds no WebGPU.');
  defaultDevice('webgpu');
  const arrayOf = (name: string, source: HostTensors) => {
    const { data, shape } = source[name] ?? { data: new Float32Array(0), shape: [0] };
    return np.array(Float32Array.from(data)).reshape([...shape]);
  };
  const names = layers.flatMap((layer) => [`${layer}/dense/kernel`, `${layer}/dense/bias`]);
  let weights: Arrays = Object.fromEntries(names.map((name) => [name, arrayOf(name, state)]));
  let slots: Arrays = Object.fromEntries(names.map((name) => [name, np.zeros([...(state[name]?.shape ?? [])])]));
  const views = np.concatenate([arrayOf('views/0', inputs), arrayOf('views/1', inputs)], 0);
  const update = jit((weights: Arrays, slots: Arrays, views: np.Array) => {
    const [loss, gradients] = valueAndGrad(ntXent)(tree.ref(weights), views);
    const moved = mapArrays(slots, (slot, name) => slot.mul(momentum).add(gradients[name] ?? 0));
    const next = mapArrays(weights, (weight, name) => weight.sub(present(moved, name).ref.mul(learningRate)));
    return { loss, weights: next, slots: moved };
  });
  return {
    step: async () => {
      const next = update(weights, slots, views.ref);
      [weights, slots] = [next.weights, next.slots];
      return (await next.loss.data())[0] ?? Number.NaN;
    },
  };
}

/** The loss of `[2 batch, 784]`, the first views before the second. */
function ntXent(weights: Arrays, views: np.Array): np.Array {
  const through = (x: np.Array, layer: string) =>
    np.matmul(x, present(weights, `${layer}/dense/kernel`)).add(present(weights, `${layer}/dense/bias`));
  const [first = '', second = '', third = ''] = layers;
  const y = through(through(nn.relu(through(views, first)), second), third);
  const z = y.ref.div(np.sqrt(np.square(y).sum(1, { keepdims: true })));
  const similarities = np.matmul(z.ref, np.matrixTranspose(z.ref)).div(temperature);
  const others = similarities.sub(np.eye(2 * batch).mul(1e9));
  const positives = np.sum(z.ref.mul(np.roll(z, batch, 0)), 1).div(temperature);
  return np.mean(nn.logsumexp(others, 1).sub(positives));
}

function mapArrays(arrays: Arrays, map: (array: np.Array, name: string) => np.Array): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, map(array, name)]));
}

function present(arrays: Arrays, name: string): np.Array {
  const found = arrays[name];
  if (found) return found;
  throw new Error(`There is no ${name}.`);
}

/** Compute dispatches of the process from here on, whoever makes them. */
function countDispatches(): () => number {
  const { prototype } = GPUComputePassEncoder;
  const { dispatchWorkgroups } = prototype;
  let count = 0;
  prototype.dispatchWorkgroups = function (...groups) {
    count++;
    return dispatchWorkgroups.apply(this, groups);
  };
  return () => count;
}
