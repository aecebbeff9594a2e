import { type Encoder, encodeSafetensors, type HostTensors, type RunStore } from '@unlabel/core';

/** A format that encoders are written in. */
export type ExportFormat = 'onnx' | 'safetensors';

/** An encoder with its weights as the bytes of a file. */
export async function encodeEncoder(format: ExportFormat, encoder: Encoder, weights: HostTensors): Promise<Uint8Array> {
  if (format === 'safetensors') return encodeSafetensors(weights, facts(encoder));
  const { exportOnnx } = await import('@unlabel/backend-onnx');
  return exportOnnx(encoder, weights);
}

/** Writes encoder.safetensors and encoder.onnx of a run. */
export async function exportEncoder(store: RunStore, encoder: Encoder, weights: HostTensors): Promise<void> {
  for (const format of ['safetensors', 'onnx'] as const) {
    await store.write(`encoder.${format}`, await encodeEncoder(format, encoder, weights));
  }
}

function facts({ name, inputShape, outputDim }: Encoder): Readonly<Record<string, string>> {
  return { encoder: name, inputShape: JSON.stringify(inputShape), outputDim: String(outputDim) };
}
