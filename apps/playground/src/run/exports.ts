import { preprocessingOf } from '@unlabel/augment';
import { exportOnnx } from '@unlabel/backend-onnx';
import { type BackendSession, createEmbedder, type Dataset, type HostTensors } from '@unlabel/core';
import { stringify } from 'yaml';
import type { MapFeatures } from './embeddingMap';
import type { OpenRun } from './openRun';
import { heldOutSize } from './samples';
import { configOf, type Settings } from './settings';

/** The encoder as an ONNX file, with what it was trained on and how images are prepared for it. */
export function exportedEncoder({ parts, settings, split }: OpenRun, weights: HostTensors): Uint8Array<ArrayBuffer> {
  const file = exportOnnx(parts.encoder, weights, {
    method: settings.method,
    methodOptions: settings.methodOptions,
    preprocessing: { ...preprocessingOf(parts.plainView), resize: 'centre-crop' },
    dataHash: split.learned.fingerprint,
  });
  return new Uint8Array(file);
}

/** Features of the samples on the map. */
export async function featuresOf(
  { parts, bank, heldOut }: OpenRun,
  session: BackendSession,
  weights: HostTensors,
): Promise<MapFeatures> {
  const embedder = await createEmbedder(session, parts.encoder, weights);
  try {
    const all = [await embedder.embed(bank.inputs, bank.count), await embedder.embed(heldOut.inputs, heldOut.count)];
    const features = Float32Array.from(all.flatMap((part) => Array.from(part)));
    return { features, count: bank.count + heldOut.count, dim: parts.encoder.outputDim };
  } finally {
    embedder.dispose();
  }
}

/** A table of features: the image's name, its class, and a column for each feature. */
export function exportedFeatures({ bank, heldOut, split }: OpenRun, { features, dim }: MapFeatures): string {
  const classes = split.learned.labels?.classes;
  const columns = Array.from({ length: dim }, (_, at) => `feature${at}`);
  const header = ['image', 'class', ...columns].join(',');
  const rows = [bank, heldOut].flatMap(({ names, labels }) =>
    names.map((name, at) => [quoted(name), quoted(classes?.[labels[at] ?? -1] ?? '')]),
  );
  const lines = rows.map((row, at) => [...row, ...features.subarray(at * dim, (at + 1) * dim)].join(','));
  return [header, ...lines, ''].join('\n');
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The run as a config that `unlabel pretrain` takes, with the same parts of the data to learn from and to measure on. */
export async function exportedConfig(settings: Settings, dataset: Dataset): Promise<string> {
  const { channels } = await dataset.read(0);
  const { data, ...rest } = configOf(settings, channels);
  const fashion = settings.data === 'fashion-mnist';
  const learned = fashion ? { range: [0, settings.images] } : { share: [0, 0.8] };
  const test = fashion ? { range: [dataset.length - heldOutSize, dataset.length] } : { share: [0.8, 1] };
  const evaluators = dataset.labels ? ['knn', 'linear-probe'] : ['rankme'];
  const config = { data: { ...data, ...learned }, ...rest, evaluation: { bank: learned, test, evaluators } };
  return `# Made by the Unlabel playground: npx unlabel pretrain config.yaml\n${stringify(config)}`;
}
