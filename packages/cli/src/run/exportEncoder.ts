import { type Encoder, encodeSafetensors, type HostTensors, type Preprocessing, type RunStore } from '@unlabel/core';
import type { RunParts } from './assemble';
import { preprocessingOf } from './preprocessing';

type EncodeEncoder = (encoder: Encoder, weights: HostTensors, preprocessing: Preprocessing) => Promise<Uint8Array>;

const encoders = {
  onnx: async (encoder, weights, preprocessing) => {
    const { exportOnnx } = await import('@unlabel/backend-onnx');
    return exportOnnx(encoder, weights, { preprocessing });
  },
  safetensors: async (encoder, weights, { mean, std }) => {
    const { name, inputShape, outputDim } = encoder;
    const facts = { input_shape: inputShape, output_dim: outputDim, mean, std };
    const metadata = Object.entries(facts).map(([fact, value]) => [fact, JSON.stringify(value)] as const);
    return encodeSafetensors(weights, { encoder: name, ...Object.fromEntries(metadata) });
  },
} satisfies Readonly<Record<string, EncodeEncoder>>;

/** A format that encoders are written in. */
export type ExportFormat = keyof typeof encoders;

type EncoderParts = Pick<RunParts, 'encoder' | 'plainView'>;

/** An encoder with its weights and what its input must look like, as the bytes of a file. */
export function encodeEncoder(format: ExportFormat, parts: EncoderParts, weights: HostTensors): Promise<Uint8Array> {
  return encoders[format](parts.encoder, weights, preprocessingOf(parts.plainView));
}

/** Writes the encoder of a run in every format: encoder.safetensors and encoder.onnx. */
export async function exportEncoder(store: RunStore, parts: EncoderParts, weights: HostTensors): Promise<void> {
  for (const format of ['safetensors', 'onnx'] as const) {
    await store.write(`encoder.${format}`, await encodeEncoder(format, parts, weights));
  }
}
