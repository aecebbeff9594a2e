import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { evaluationView, smallImageViews } from '@unlabel/augment';
import {
  adamw,
  type Callback,
  cosineSchedule,
  type Dataset,
  pretrain,
  randomStream,
  sizeOf,
  type ViewPipeline,
} from '@unlabel/core';
import { loader, split } from '@unlabel/data';
import { simclr } from '@unlabel/losses-contrastive';
import { onnx } from '../src/index';
import { bankCount, openImages } from './images';
import { encoderOf } from './models';
import type { Moment } from './protocol';
import { recipe } from './recipe';

/**
 * Our side of the time to an accuracy, in a process of its own: what `npm start` trains. `protocol.ts` says what it reads
 * and writes.
 */
const { values } = parseArgs({
  options: {
    features: { type: 'string', default: '' },
    epochs: { type: 'string', default: String(recipe.training.epochs) },
    every: { type: 'string', default: '3' },
    seed: { type: 'string', default: '0' },
    threads: { type: 'string', default: '1' },
  },
});
const { views, objective, optimizer, training } = recipe;
const seed = Number(values.seed);
const encoder = encoderOf(recipe.encoder);
const dataset = await openImages();
const whole = await rendered(dataset, evaluationView({ size: encoder.inputShape[0] ?? 28 }));
const goOn = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const ending = new AbortController();

const started = performance.now();
const startedBusy = busySeconds();
let [paused, pausedBusy] = [0, 0];
const session = await onnx({ threads: Number(values.threads) }).open();
const [bank] = split(dataset, { at: bankCount });
const batches = loader({ dataset: bank, views: smallImageViews(views), batchSize: training.batchSize, seed });
const events = pretrain({
  batches,
  encoder,
  objective: simclr(objective),
  optimizer: adamw(optimizer),
  session,
  epochs: Number(values.epochs),
  learningRate: (steps) =>
    cosineSchedule({ steps, start: training.learningRate, warmupSteps: Math.round(training.warmup * steps) }),
  seed,
  callbacks: [pausing(Number(values.every))],
  signal: ending.signal,
});
for await (const event of events) if (event.type === 'end') break;
await batches.dispose();
await session.dispose();
process.stdin.destroy();

/** Every so many epochs, stops the clock, leaves the features of all images, and waits to be told to go on. */
function pausing(everyEpochs: number): Callback {
  return {
    name: 'pausing',
    onEvent: async (event, run) => {
      if (event.type !== 'epoch' || (event.epoch + 1) % everyEpochs !== 0) return;
      const [since, sinceBusy] = [performance.now(), busySeconds()];
      const answer: Moment = {
        epoch: event.epoch + 1,
        seconds: (since - started - paused) / 1000,
        processorSeconds: sinceBusy - startedBusy - pausedBusy,
        dim: encoder.outputDim,
        loss: event.meanLoss,
        peakMegabytes: process.resourceUsage().maxRSS / 1024,
      };
      writeFileSync(values.features, await featuresOf(whole, run.embed));
      process.stdout.write(`${JSON.stringify(answer)}\n`);
      const { done } = await goOn.next();
      if (done) ending.abort();
      paused += performance.now() - since;
      pausedBusy += busySeconds() - sinceBusy;
    },
  };
}

/** Processor time of this process so far. */
function busySeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Every image as the view shows it, one after the other. */
async function rendered({ length, read }: Dataset, view: ViewPipeline): Promise<Float32Array> {
  const size = sizeOf(view.outputs['views/0']?.shape ?? []);
  const values = new Float32Array(length * size);
  for (let index = 0; index < length; index++) {
    const image = await read(index);
    const drawn = view.draw(randomStream(['evaluation', index]), image);
    view.render(image, drawn, { 'views/0': values.subarray(index * size, (index + 1) * size) });
  }
  return values;
}

/** Features of rendered images, embedded 250 at a time. */
async function featuresOf(
  images: Float32Array,
  embed: (inputs: Float32Array, count: number) => Promise<Float32Array>,
): Promise<Float32Array> {
  const [size, count] = [sizeOf(encoder.inputShape), 250];
  const features = new Float32Array((images.length / size) * encoder.outputDim);
  for (let first = 0; first * size < images.length; first += count) {
    features.set(await embed(images.slice(first * size, (first + count) * size), count), first * encoder.outputDim);
  }
  return features;
}
