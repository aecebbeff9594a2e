import { parseArgs } from 'node:util';
import { adamw, hostScalar, randomStream, tf } from '@unlabel/core';
import { sigreg } from '@unlabel/jepa';
import { ntXentLoss, simclr } from '@unlabel/losses-contrastive';
import { vit } from '@unlabel/models';
import { type KernelsMeasurement, measureKernels, type WebgpuSession, webgpu } from '../src/index';
import { startTraining } from '../src/trainingFixture';
import { printViews } from './views';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    software: { type: 'boolean', default: false }, // read by onSoftware.mjs
    large: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`Fused kernels against the tfjs ops that they stand for, on one device, in turns; then views of images.
  --rounds N   turns of each side (default 5); the first one more does not count
  --software   on Chromium's software GPU
  --large      NT-Xent of 8192 rows too, fused alone`);
  process.exit();
}
const rounds = Number(values.rounds);
const probe = await webgpu().probe();
const session = await webgpu().open();
console.log(`${probe.available ? probe.detail : ''}; medians of ${rounds} turns\n`);
console.log('| what | fused ms | composed ms | ratio | fused dispatches | composed | fused peak MB | composed |');
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');

for (const rows of [512, 2048])
  print(`NT-Xent and gradient, ${rows} × 128`, await measureKernels(session, contrast(rows), { rounds }));
if (values.large)
  print(
    'NT-Xent and gradient, 8192 × 128',
    await measureKernels(session, contrast(8192), { rounds: 1, composed: false }),
  );
for (const rows of [512, 2048])
  print(`SIGReg and gradient, ${rows} × 128, 256 slices`, await measureKernels(session, slices(rows), { rounds }));
print('AdamW of the small ViT', await measureKernels(session, optimizerStep(), { rounds }));
print('SimCLR step of the small ViT, batch 32', await measureKernels(session, await trainingStep(session), { rounds }));
await printViews(values.software ? 0.01 : 1, values.software);

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

function optimizerStep() {
  const optimizer = adamw();
  const variables = smallVit().variables;
  const named = (make: (shape: number[]) => tf.Tensor) =>
    Object.fromEntries(Object.entries(variables).map(([name, { shape }]) => [name, make([...shape])]));
  const parameters = named((shape) => noise('p', shape));
  const gradients = named((shape) => noise('g', shape));
  const slots = Object.fromEntries(
    Object.entries(optimizer.slots(variables)).map(([name, { shape }]) => [name, tf.zeros([...shape])]),
  );
  const rates = { learningRate: tf.scalar(1e-3), weightDecayScale: tf.scalar(1), step: tf.scalar(3) };
  return readsOne(() => {
    const next = optimizer.update({ parameters, gradients, slots, ...rates });
    return Object.values(next.parameters).at(-1) ?? tf.scalar(0);
  });
}

function smallVit() {
  return vit({ inputShape: [28, 28, 1], patchSize: 7, dim: 64, depth: 2, heads: 2 });
}

async function trainingStep(on: WebgpuSession) {
  const objective = simclr({ projector: [64, 32] });
  const { step, state, inputs } = await startTraining(on, { encoder: smallVit(), objective, batch: 32, views: 2 });
  return async () => {
    await step.run(state, { ...inputs, step: hostScalar(1) }, [1, 'step', 1]);
  };
}

/** Runs ops until one of their results can be read, and so all before it have been computed. */
function readsOne(compute: () => tf.Tensor): () => Promise<void> {
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
