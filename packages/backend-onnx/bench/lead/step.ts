import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import {
  adamw,
  type HostTensors,
  hostScalar,
  hostTensor,
  initialise,
  layerContext,
  lossAndGradients,
  mlpHead,
  randomStream,
  type Step,
  type TensorSpecs,
  tf,
  variablesOf,
} from '@unlabel/core';
import { ntXentLoss } from '@unlabel/losses-contrastive';
import { resnet } from '@unlabel/models';
import { captureStep } from '../../src/capture/captureStep';
import { onnx } from '../../src/index';

/** Milliseconds for a training step of SimCLR with a ResNet of strides 2-2-2 on 28×28 grey images and AdamW. */
const { values } = parseArgs({
  options: {
    batch: { type: 'string', default: '256' },
    steps: { type: 'string', default: '10' },
    save: { type: 'string' },
    strides: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const batch = Number(values.batch);
const steps = Number(values.steps);

const encoder = resnet({
  inputShape: [28, 28, 1],
  stem: 'small-image',
  stemWidth: 32,
  blocks: [1, 1, 1],
  widths: [32, 64, 128],
  strides: (values.strides ?? '222').split('').map(Number),
});
const projector = mlpHead({ dims: [128, 512, 128] });
const optimizer = adamw({ weightDecay: 1e-4 });
const variables = variablesOf({ encoder, projector });
const parameters = only(variables, (name) => variables[name]?.trainable === true);
const slots = optimizer.slots(parameters);

const step: Step = ({ state, inputs, random }) => {
  const [view0, view1] = [inputs.view0, inputs.view1];
  if (!view0 || !view1) throw new Error('The step needs two views.');
  const { context, updates } = layerContext(
    only(state, (name) => name in variables),
    { training: true, random },
  );
  const trainable = only(state, (name) => name in parameters);
  const { loss, extra, gradients } = lossAndGradients(() => {
    const features = encoder.apply(tf.concat([view0, view1], 0), context.scope('encoder'));
    const z = projector.apply(features, context.scope('projector'));
    const [z0, z1] = tf.split<tf.Tensor2D>(z, 2);
    if (!z0 || !z1) throw new Error('tf.split gave fewer parts than it was asked for.');
    return { loss: ntXentLoss(z0, z1, { temperature: 0.2 }), extra: { ...updates } };
  }, trainable);
  const scalar = (name: string) => tf.reshape<tf.Rank.R0>(inputs[name] ?? tf.scalar(0), []);
  const moved = optimizer.update({
    parameters: trainable,
    gradients,
    slots: only(state, (name) => name in slots),
    learningRate: scalar('learningRate'),
    weightDecayScale: tf.scalar(1),
    step: scalar('step'),
  });
  return { outputs: { loss }, state: { ...extra, ...moved.parameters, ...moved.slots } };
};

const stream = randomStream([0, 'bench']);
const view = () =>
  hostTensor(
    Float32Array.from({ length: batch * 28 * 28 }, () => stream.normal()),
    [batch, 28, 28, 1],
  );
const inputs = { view0: view(), view1: view(), learningRate: hostScalar(1e-3), step: hostScalar(0) };
const initial = initialise({ ...variables, ...slots }, 0);

const signature = { state: specsOf(initial), inputs: specsOf(inputs) };
if (values.save) writeFileSync(values.save, captureStep(step, signature).model);

const session = await onnx({ threads: Number(values.threads) }).open();
const state = await session.createState(initial);
const started = performance.now();
const compiled = await session.compile(step, signature);
const compileTime = performance.now() - started;

const wall: number[] = [];
const busy: number[] = [];
let loss = Number.NaN;
for (let index = 0; index < steps + 2; index++) {
  const cpu = process.cpuUsage();
  const before = performance.now();
  const outputs = await compiled.run(state, inputs, [0, 'step', index]);
  wall.push(performance.now() - before);
  const { user, system } = process.cpuUsage(cpu);
  busy.push((user + system) / 1000);
  loss = outputs.loss?.data[0] ?? Number.NaN;
}
report('wall', wall.slice(2));
report('processor', busy.slice(2));
const megabytes = process.memoryUsage().rss / 2 ** 20;
console.log(`compile ${compileTime.toFixed(0)} ms, resident ${megabytes.toFixed(0)} MB, loss ${loss.toFixed(4)}`);
compiled.dispose();
await session.dispose();

function report(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const [least = 0, median = 0] = [sorted[0], sorted[Math.floor(sorted.length / 2)]];
  const rate = (2 * batch * 1000) / least;
  console.log(
    `${name}: min ${least.toFixed(1)} ms, median ${median.toFixed(1)} ms, ${rate.toFixed(0)} images/s at best`,
  );
}

function specsOf(tensors: HostTensors): TensorSpecs {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));
}

function only<T>(record: Readonly<Record<string, T>>, wanted: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => wanted(name)));
}
