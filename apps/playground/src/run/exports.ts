import { exportOnnx } from '@unlabel/backend-onnx';
import { type BackendSession, createEmbedder, type HostTensors, randomStream, sizeOf } from '@unlabel/core';
import { stringify } from 'yaml';
import type { MapFeatures } from './embeddingMap';
import type { OpenRun } from './openRun';
import { configOf, type Settings } from './settings';

/** The encoder as an ONNX file, with what it was trained on and how images are prepared for it. */
export function exportedEncoder({ parts, settings, split }: OpenRun, weights: HostTensors): Uint8Array<ArrayBuffer> {
  const file = exportOnnx(parts.encoder, weights, {
    method: settings.method,
    methodOptions: settings.methodOptions,
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

/** The run as a config that `unlabel pretrain` takes. */
export function exportedConfig(settings: Settings, channels: 1 | 3): string {
  const config = configOf(settings, channels);
  const evaluation =
    settings.data === 'fashion-mnist'
      ? { bank: { range: [0, settings.images] }, test: { range: [9600, 10000] } }
      : { bank: { share: [0, 0.8] }, test: { share: [0.8, 1] }, evaluators: ['rankme'] };
  const heading = '# Made by the Unlabel playground: npx unlabel pretrain <this file>\n';
  return heading + stringify({ ...config, evaluation });
}
