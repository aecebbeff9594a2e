import { displayedViews, preprocessingOf } from '@unlabel/augment';
import {
  createEmbedder,
  type Dataset,
  type LabelledFeatures,
  type Registry,
  randomStream,
  viewSpecs,
} from '@unlabel/core';
import { subset } from '@unlabel/data';
import {
  type Confusion,
  type Curve,
  confusionMatrix,
  nearestSamples,
  pcaMap,
  type ReportData,
  singularValues,
  umapMap,
  type ViewSheet,
  weightedKnn,
} from '@unlabel/eval';
import type { Config } from '../config/configSchema';
import type { RunParts } from '../run/assemble';
import { type Embed, embedImages, type ImageFeatures } from '../run/embedImages';
import type { OpenedBackend } from '../run/openBackend';
import { openSamples, readable } from '../run/samples';
import { untrainedWeights } from '../run/train';
import { measuredConfusion } from './classFigures';
import type { RunOutcome } from './runRecord';
import { makeSprite, type Tile } from './sprite';

const shown = 600;
const known = 2000;
const thumbnail = 40;
const queries = 8;
const neighbours = 10;
const viewed = 10;
const viewSize = 72;

/** What a report shows of images, by the trained encoder. */
export type RunImages = Pick<ReportData, 'samples' | 'map' | 'neighbours' | 'spectrum' | 'confusion' | 'views'>;

/** A run's parts and its trained encoder. */
export interface RunEyes {
  readonly config: Config;
  readonly registry: Registry;
  readonly parts: Pick<RunParts, 'encoder' | 'plainView' | 'views' | 'dataset'>;
  readonly session: OpenedBackend['session'];
  /** Of the trained encoder. */ readonly embed: Embed;
  /** What evaluators found of the trained encoder, where they did. */
  readonly measured?: RunOutcome['evaluation'][number] | undefined;
}

/**
 * Looks at some hundred images that training has not seen, or at its own where the config holds none out: their map,
 * neighbours and spectrum, and which classes are confused.
 */
export async function lookAtImages(eyes: RunEyes): Promise<RunImages> {
  const { config, registry, parts, embed } = eyes;
  const { evaluation, data, training } = config;
  const heldOut = evaluation && (await openSamples(registry, { dataset: data.dataset, ...evaluation.test }));
  const images = drawn(heldOut ?? parts.dataset, shown, training.seed);
  const seen = await embedImages(images, parts.plainView, embed);
  if (seen.indices.length === 0) return {};
  const features = { features: seen.features, count: seen.indices.length, dim: seen.dim };
  const bank = evaluation && (await openSamples(registry, { dataset: data.dataset, ...evaluation.bank }));
  const confusion =
    measuredConfusion(eyes.measured, images.labels?.classes ?? []) ??
    (bank && (await confusionOf(drawn(bank, known, training.seed), images, seen, eyes)));
  const rows = randomStream([training.seed, 'queries']).permutation(features.count).subarray(0, queries);
  return {
    samples: await samplesOf(images, seen),
    map: features.count < 4 ? pcaMap(features) : await umapMap(features, { seed: training.seed }),
    neighbours: { measure: 'cosine similarity', rows: nearestSamples(features, Array.from(rows), neighbours) },
    spectrum: await spectrumOf(images, seen, eyes),
    ...(confusion && { confusion }),
    views: await viewsOf(parts, training.seed),
  };
}

function drawn(dataset: Dataset, count: number, seed: number): Dataset {
  return subset(dataset, randomStream([seed, 'report']).permutation(dataset.length).subarray(0, count));
}

async function samplesOf(images: Dataset, { indices }: ImageFeatures) {
  const { labels } = images;
  const rows = Array.from(indices);
  const pictures = await Promise.all(rows.map((index) => images.read(index)));
  return {
    names: rows.map((index) => images.sampleName(index)),
    thumbnails: await makeSprite(pictures, thumbnail, 30),
    ...(labels && { labels: rows.map((index) => labels.values[index] ?? -1), classes: labels.classes }),
  };
}

/** kNN by the trained encoder; `undefined` without labels. */
async function confusionOf(
  bank: Dataset,
  images: Dataset,
  seen: ImageFeatures,
  { parts, embed }: RunEyes,
): Promise<Confusion | undefined> {
  const { labels } = images;
  if (!labels || !bank.labels || labels.classes.length < 2) return undefined;
  const learnt = labelled(bank, await embedImages(bank, parts.plainView, embed));
  const asked = labelled(images, seen);
  const { predictions } = weightedKnn(learnt, asked, { k: Math.min(20, learnt.count) });
  return {
    title: `kNN on ${asked.count.toLocaleString('en')} images, ${learnt.count.toLocaleString('en')} known, in %`,
    classes: labels.classes,
    counts: Array.from(confusionMatrix(predictions, asked.labels, asked.classes)),
  };
}

function labelled({ labels }: Dataset, { features, dim, indices }: ImageFeatures): LabelledFeatures {
  const values = indices.map((index) => labels?.values[index] ?? -1);
  return { features, dim, count: indices.length, labels: values, classes: labels?.classes.length ?? 0 };
}

/** Singular values beside the largest, of trained and untrained features. */
async function spectrumOf(images: Dataset, seen: ImageFeatures, eyes: RunEyes): Promise<Curve> {
  const { config, parts, session } = eyes;
  const untrained = await createEmbedder(session, parts.encoder, untrainedWeights(parts, config.training.seed));
  try {
    const before = await embedImages(images, parts.plainView, untrained.embed);
    return {
      title: 'Singular values of the features',
      x: 'rank',
      y: 'share of the largest',
      logarithmic: true,
      series: [series('trained', seen), series('untrained', before)],
    };
  } finally {
    untrained.dispose();
  }
}

function series(name: string, { features, dim, indices }: ImageFeatures) {
  const values = Array.from(singularValues({ features, dim, count: indices.length }));
  const [largest = 1] = values;
  return {
    name,
    points: values.map((value, rank) => [rank + 1, value / largest] as const).filter(([, y]) => y > 1e-6),
  };
}

/** What the pipeline of training makes of a few images. */
async function viewsOf({ dataset, views, plainView }: RunEyes['parts'], seed: number): Promise<ViewSheet> {
  const specs = viewSpecs(views);
  const statistics = preprocessingOf(plainView);
  const rows = Array.from(randomStream([seed, 'views']).permutation(dataset.length).subarray(0, viewed));
  const tiles: Tile[] = [];
  for (const row of rows) {
    const image = await readable(dataset, row);
    const random = randomStream([seed, 'views', row]);
    tiles.push(image, ...(image ? displayedViews(image, views, random, statistics) : specs.map(() => undefined)));
  }
  const sizes = specs.map(({ shape: [height = 1] }) => height);
  const largest = Math.max(...sizes);
  return {
    columns: ['original', ...specs.map((_, view) => `view ${view + 1}`)],
    names: rows.map((row) => dataset.sampleName(row)),
    tiles: await makeSprite(tiles, viewSize, 1 + specs.length),
    scales: [1, ...sizes.map((size) => size / largest)],
  };
}
