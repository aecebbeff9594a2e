import { type Encoder, encodeSafetensors, type HostTensors, type RunStore } from '@unlabel/core';

type EncodeEncoder = (encoder: Encoder, weights: HostTensors) => Promise<Uint8Array>;

const encoders = {
  safetensors: async (encoder, weights) => encodeSafetensors(weights, facts(encoder)),
} satisfies Readonly<Record<string, EncodeEncoder>>;

/** A format that encoders are written in. */
export type ExportFormat = keyof typeof encoders;

/** An encoder with its weights as the bytes of a file. */
export function encodeEncoder(format: ExportFormat, encoder: Encoder, weights: HostTensors): Promise<Uint8Array> {
  return encoders[format](encoder, weights);
}

/** Writes the encoder of a run in every format: encoder.safetensors. */
export async function exportEncoder(store: RunStore, encoder: Encoder, weights: HostTensors): Promise<void> {
  for (const [format, encode] of Object.entries(encoders)) {
    await store.write(`encoder.${format}`, await encode(encoder, weights));
  }
}

function facts({ name, inputShape, outputDim }: Encoder): Readonly<Record<string, string>> {
  return { encoder: name, inputShape: JSON.stringify(inputShape), outputDim: String(outputDim) };
}
