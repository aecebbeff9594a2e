import {
  colourJitter,
  evaluationView,
  grayscale,
  randomResizedCrop,
  type Transform,
  viewPipeline,
} from '@unlabel/augment';
import { onnx } from '@unlabel/backend-onnx';
import {
  adamw,
  type BackendSession,
  constantSchedule,
  createEmbedder,
  type Dataset,
  type HostTensors,
  type ImageSample,
  pretrain,
  randomStream,
} from '@unlabel/core';
import { loader } from '@unlabel/data';
import { linearProbe } from '@unlabel/eval';
import { simclr } from '@unlabel/losses-contrastive';
import { resnet } from '@unlabel/models';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { embedImages } from './run/embedImages';

// Images whose colour is their class: augmentation that changes colours tells the encoder that classes do not matter.
const size = 16;
const normalise = { mean: [0.4, 0.4, 0.4], std: [0.3, 0.3, 0.3] };
const colours = [
  [220, 50, 50],
  [50, 190, 60],
  [60, 80, 220],
  [200, 170, 40],
];

/** A disc, square or cross of the class's colour, of random place and size, on noise. */
function shape(index: number): ImageSample {
  const random = randomStream(['shape', index]);
  const colour = colours[index % colours.length] ?? [];
  const kind = random.integer(3);
  const radius = random.uniform(3, 5);
  const [row, column] = [random.uniform(radius, size - radius), random.uniform(radius, size - radius)];
  const [stripes, light] = [random.uniform(0.5, 2), random.uniform(60, 160)];
  const data = new Uint8Array(size * size * 3);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const [down, along] = [Math.floor(pixel / size) - row, (pixel % size) - column];
    const distances = [
      Math.hypot(down, along),
      Math.max(Math.abs(down), Math.abs(along)),
      3 * Math.min(Math.abs(down), Math.abs(along)),
    ];
    const inside = (distances[kind] ?? 0) < radius && Math.hypot(down, along) < 1.5 * radius;
    const texture = 1 + 0.25 * Math.sin(stripes * down);
    const grey = light + 40 * random.uniform(-1, 1);
    for (let channel = 0; channel < 3; channel++) {
      data[3 * pixel + channel] = Math.min(255, inside ? (colour[channel] ?? 0) * texture : grey);
    }
  }
  return { data, height: size, width: size, channels: 3 };
}

function shapes(from: number, count: number): Dataset {
  const images = Array.from({ length: count }, (_, index) => shape(from + index));
  return {
    name: 'shapes',
    length: count,
    read: (index) => images[index] ?? shape(from + index),
    sampleName: String,
    labels: {
      values: Int32Array.from(images, (_, index) => (from + index) % 4),
      classes: ['red', 'green', 'blue', 'yellow'],
    },
    fingerprint: `shapes:${from}:${count}`,
  };
}

let session: BackendSession;
const [bank, held] = [shapes(0, 640), shapes(640, 400)];
const encoder = resnet({
  inputShape: [size, size, 3],
  stem: 'small-image',
  blocks: [1, 1],
  widths: [8, 16],
  strides: [2, 2],
});

beforeAll(async () => {
  session = await onnx({ threads: 2 }).open();
});
afterAll(() => session.dispose());

/** Weights after some seconds of SimCLR with these transforms after the crop. */
async function trainedWith(transforms: readonly Transform[]): Promise<HostTensors> {
  const crop = randomResizedCrop({ scale: [0.4, 1] });
  const views = viewPipeline({ channels: 3, normalise, views: [{ count: 2, size, crop, flip: 0.5, transforms }] });
  const batches = loader({ dataset: bank, views, batchSize: 64, seed: 0, workers: 0 });
  const learningRate = () => constantSchedule(0.008);
  const objective = simclr({ temperature: 0.2, projector: [32, 32] });
  try {
    const run = { batches, encoder, objective, optimizer: adamw(), session, epochs: 6, learningRate };
    for await (const event of pretrain(run)) if (event.type === 'end') return event.weights;
  } finally {
    await batches.dispose();
  }
  throw new Error('Training did not end.');
}

/** Accuracy of a linear classifier on features of images that training never saw. */
async function probe(weights: HostTensors): Promise<number> {
  const embedder = await createEmbedder(session, encoder, weights);
  const view = evaluationView({ size, channels: 3, normalise });
  const labelled = async (dataset: Dataset) => {
    const { features, dim } = await embedImages(dataset, view, embedder.embed);
    return { features, dim, count: dataset.length, labels: dataset.labels?.values ?? new Int32Array(), classes: 4 };
  };
  try {
    return linearProbe(await labelled(bank), await labelled(held), { l2: 1e-2, standardise: false }).accuracy;
  } finally {
    embedder.dispose();
  }
}

test('where colour is the label, changing it loses what a linear probe would find, and cropping does not', async () => {
  const cropped = await probe(await trainedWith([]));
  const strong = [colourJitter({ hue: 0.5, saturation: 0.8 }), grayscale({ probability: 0.3 })];
  const recoloured = await probe(await trainedWith(strong));
  expect(cropped).toBeGreaterThan(0.9);
  expect(recoloured).toBeLessThan(0.7); // of four classes
}, 60_000);
