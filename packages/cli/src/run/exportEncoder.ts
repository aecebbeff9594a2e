import { preprocessingOf } from '@unlabel/augment';
import type { EncoderFacts, ExportOnnxOptions } from '@unlabel/backend-onnx';
import { type Encoder, encodeSafetensors, type HostTensors, type RunStore } from '@unlabel/core';
import { type Config, partOf } from '../config/configSchema';
import type { RunParts } from './assemble';

/** What a file says about its encoder; of the rest, safetensors files know nothing. */
export type ExportOptions = Omit<ExportOnnxOptions, 'metadata'>;

type EncodeEncoder = (encoder: Encoder, weights: HostTensors, options: ExportOptions) => Promise<Uint8Array>;

const encoders = {
  onnx: async (encoder, weights, options) => {
    const { exportOnnx } = await import('@unlabel/backend-onnx');
    return exportOnnx(encoder, weights, options);
  },
  safetensors: async (encoder, weights, { preprocessing, method, methodOptions, dataHash, licence, author }) => {
    const { name, inputShape, outputDim } = encoder;
    const { mean, std } = preprocessing ?? {};
    const facts = { input_shape: inputShape, output_dim: outputDim, mean, std, method_options: methodOptions };
    const texts = { encoder: name, method, data_hash: dataHash, licence, author };
    const entries = [
      ...Object.entries(facts).map(([fact, value]) => [fact, JSON.stringify(value)] as const),
      ...Object.entries(texts),
    ];
    return encodeSafetensors(
      weights,
      Object.fromEntries(entries.flatMap(([fact, text]) => (text ? [[fact, text]] : []))),
    );
  },
} satisfies Readonly<Record<string, EncodeEncoder>>;

/** A format that encoders are written in. */
export type ExportFormat = keyof typeof encoders;

type EncoderParts = Pick<RunParts, 'encoder' | 'plainView'>;

/** What is known of a run's encoder. @param dataHash the fingerprint of what it learnt from */
export function factsOf({ objective }: Config, { plainView }: EncoderParts, dataHash?: string): EncoderFacts {
  const { name: method, options: methodOptions } = partOf(objective);
  const preprocessing = { ...preprocessingOf(plainView), resize: 'centre-crop' };
  return { preprocessing, method, methodOptions, ...(dataHash !== undefined && { dataHash }) };
}

/** An encoder with its weights and what is known of it, as the bytes of a file. */
export function encodeEncoder(
  format: ExportFormat,
  encoder: Encoder,
  weights: HostTensors,
  options: ExportOptions,
): Promise<Uint8Array> {
  return encoders[format](encoder, weights, options);
}

/** Writes the encoder of a run in every format: encoder.safetensors and encoder.onnx. */
export async function exportEncoder(
  store: RunStore,
  config: Config,
  parts: EncoderParts & Pick<RunParts, 'dataset'>,
  weights: HostTensors,
): Promise<void> {
  const facts = factsOf(config, parts, parts.dataset.fingerprint);
  for (const format of ['safetensors', 'onnx'] as const) {
    await store.write(`encoder.${format}`, await encodeEncoder(format, parts.encoder, weights, facts));
  }
}
