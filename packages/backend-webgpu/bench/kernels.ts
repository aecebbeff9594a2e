import { parseArgs } from 'node:util';
import {
  adamw,
  attention,
  hostScalar,
  lars,
  layerContext,
  mlpHead,
  type Optimizer,
  randomStream,
  tf,
  type Variables,
} from '@unlabel/core';
import { sigreg } from '@unlabel/jepa';
import { ntXentLoss, simclr } from '@unlabel/losses-contrastive';
import { vit } from '@unlabel/models';
import { requestAdapter } from '../src/device/gpu';
import { type KernelsMeasurement, measureKernels, type WebgpuSession, webgpu } from '../src/index';
import { startTraining } from '../src/trainingFixture';
import { printJaxJs } from './jaxJs';
import { printPhases } from './phases';
import { printTraining } from './train';
import { printViews } from './views';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    software: { type: 'boolean', default: false }, // read by onSoftware.mjs
    large: { type: 'boolean', default: false },
    least: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`Fused kernels against the tfjs ops that they stand for, on one device, in turns; then views of images.
  --rounds N   turns of each side (default 5); the first one more does not count
  --software   on Chromium's software GPU
  --least      on a device with nothing but what WebGPU promises: eight storage buffers, no subgroups
  --large      NT-Xent of 8192 rows too, fused alone
  --only TEXT  rows whose name contains it; Peaks, jax-js, Training, Views: those tables`);
  process.exit();
}
const probe = await webgpu().probe();
const device = values.least ? { device: await (await requestAdapter()).requestDevice() } : {};
const session = await webgpu({ rendersViews: true, ...device }).open();
console.log(`${probe.available ? probe.detail : ''}; medians of ${values.rounds} turns\n`);
console.log('| what | fused ms | composed ms | ratio | fused dispatches | composed | fused peak MB | composed |');
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');

for (const rows of [512, 2048]) await row(`NT-Xent and gradient, ${rows} × 128`, () => contrast(rows));
if (values.large) await row('NT-Xent and gradient, 8192 × 128', () => contrast(8192), { rounds: 1, composed: false });
for (const rows of [512, 2048]) await row(`SIGReg and gradient, ${rows} × 128, 256 slices`, () => slices(rows));
await row('Attention and gradient, 8 × 197 tokens, 3 heads of 64', attend);
await row('AdamW of the small ViT', optimizerStep);
await row('LARS of a projector, 512 → 2048 → 2048', larsStep);
await row('SimCLR step of the small ViT, batch 32', () => trainingStep(session));
if ('Peaks'.includes(values.only)) await printPhases(session);
if ('jax-js'.includes(values.only)) await printJaxJs(session, Number(values.rounds));
if ('Training'.includes(values.only)) await printTraining(session, values.software ? 3 : 50);
if ('Views'.includes(values.only)) await printViews(values.software ? 0.01 : 1, values.software);

/** Measures and prints a row of the table, if it was asked for. */
async function row(
  what: string,
  prepare: () => Turn | Promise<Turn>,
  { rounds = Number(values.rounds), composed = true } = {},
): Promise<void> {
  if (what.includes(values.only)) print(what, await measureKernels(session, await prepare(), { rounds, composed }));
}

function noise(name: string, shape: number[]): tf.Tensor {
  const stream = randomStream([name]);
  return tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, stream.normal), shape);
}

function contrast(rows: number) {
  const views = [noise('z0', [rows / 2, 128]), noise('z1', [rows / 2, 128])];
  const matrix = (view = tf.scalar(0) as tf.Tensor) => tf.reshape<tf.Rank.R2>(view, [rows / 2, 128]); // as noise made it
  const gradients = tf.valueAndGrads((...both: tf.Tensor[]) => ntXentLoss(matrix(both[0]), matrix(both[1])));
  return readsOne(() => gradients(views).value);
}

function slices(rows: number) {
  const [z, directions] = [noise('z', [rows, 128]), tf.reshape<tf.Rank.R2>(noise('slices', [128, 256]), [128, 256])];
  const gradient = tf.valueAndGrad((x: tf.Tensor) => sigreg(x, directions));
  return readsOne(() => gradient(z).value);
}

function attend() {
  const [dim, heads] = [192, 3];
  const layer = attention({ dim, heads, qkvBias: false, bias: false });
  const shapes = Object.entries(layer.variables).map(([name, { shape }]) => [name, noise(name, [...shape])] as const);
  const { context } = layerContext(Object.fromEntries(shapes), { training: true, random: { normal, uniform: normal } });
  const tokens: tf.Tensor = noise('tokens', [8, 197, dim]);
  const gradient = tf.valueAndGrad((x: tf.Tensor) => layer.apply(tf.reshape(x, [8, 197, dim]), context));
  return readsOne(() => gradient(tokens).grad);
}

const normal = () => tf.scalar(0); // no layer here draws

function optimizerStep() {
  return updates(adamw(), smallVit().variables);
}

/** Two parameters of more than one workgroup sums up for LARS, and two of less. */
function larsStep() {
  return updates(lars(), mlpHead({ dims: [512, 2048, 2048] }).variables);
}

function updates(optimizer: Optimizer, variables: Variables) {
  const named = (make: (shape: number[]) => tf.Tensor) =>
    Object.fromEntries(Object.entries(variables).map(([name, { shape }]) => [name, make([...shape])]));
  const parameters = named((shape) => noise('p', shape));
  const gradients = named((shape) => noise('g', shape));
  const slots = Object.fromEntries(
    Object.entries(optimizer.slots(variables)).map(([name, { shape }]) => [name, tf.zeros([...shape])]),
  );
  const rates = { learningRate: tf.scalar(1e-3), weightDecayScale: tf.scalar(1), step: tf.scalar(3) };
  return readsOne(() => {
    const next = optimizer.update({ parameters, gradients, slots, ...rates, donated: true });
    return tf.clone(Object.values(next.parameters).at(-1) ?? tf.scalar(0));
  });
}

function smallVit() {
  return vit({ inputShape: [28, 28, 1], patchSize: 7, dim: 64, depth: 2, heads: 2 });
}

async function trainingStep(on: WebgpuSession): Promise<Turn> {
  const objective = simclr({ projector: [64, 32] });
  const { step, state, inputs } = await startTraining(on, { encoder: smallVit(), objective, batch: 32, views: 2 });
  return async () => {
    await step.run(state, { ...inputs, step: hostScalar(1) }, [1, 'step', 1]);
  };
}

type Turn = () => Promise<void>;

/** Runs ops until one of their results can be read, and so all before it have been computed. */
function readsOne(compute: () => tf.Tensor): Turn {
  return async () => {
    const result = tf.tidy(compute);
    await result.data();
    result.dispose();
  };
}

function print(what: string, { fused, composed }: KernelsMeasurement): void {
  const cells = [
    fused.ms.toFixed(1),
    composed?.ms.toFixed(1),
    composed && `${(composed.ms / fused.ms).toFixed(1)}×`,
    fused.dispatches,
    composed?.dispatches,
    (fused.peakBytes / 1e6).toFixed(2),
    composed && (composed.peakBytes / 1e6).toFixed(2),
  ];
  console.log(`| ${[what, ...cells.map((cell) => cell ?? '–')].join(' | ')} |`);
}
