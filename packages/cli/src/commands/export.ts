import { basename, dirname } from 'node:path';
import { type Encoder, folderStore, type HostTensors, UnlabelError } from '@unlabel/core';
import { assembleEncoder } from '../run/assemble';
import { type ExportFormat, encodeEncoder, factsOf } from '../run/exportEncoder';
import { openRunFolder, readEncoderFile } from '../run/runFolder';

/** What `unlabel export` takes. */
export interface ExportFlags {
  readonly format: ExportFormat;
  /** One of the run's checkpoints instead of its end. */ readonly checkpoint?: string;
  readonly out?: string;
  /** Of ONNX's operators. */ readonly opset?: number;
  /** The only batch that the file takes (default: any). */ readonly batch?: number;
  /** Compare the file's features with the encoder's. */ readonly verify?: boolean;
  readonly licence?: string;
  readonly author?: string;
}

/** Writes a run's encoder in a format that other tools read, with all that the run folder knows of it. */
export async function exportRun(runFolder: string, flags: ExportFlags): Promise<void> {
  const { format, out, opset, batch, licence, author, checkpoint } = flags;
  requireOnnx(flags);
  const { config, registry, store } = await openRunFolder(runFolder);
  const parts = await assembleEncoder(registry, config);
  const { tensors, metadata } = await readEncoderFile(store, checkpoint);
  const bytes = await encodeEncoder(format, parts.encoder, tensors, {
    ...factsOf(config, parts, metadata.data_hash),
    ...(licence !== undefined && { licence }),
    ...(author !== undefined && { author }),
    ...(opset !== undefined && { opset }),
    ...(batch !== undefined && { dynamicBatch: false, batchSize: batch }),
  });
  const { inputShape, outputDim } = parts.encoder;
  const path = out ?? `${runFolder}/encoder${checkpoint === undefined ? '' : `-${checkpoint}`}.${format}`;
  await folderStore(dirname(path)).write(basename(path), bytes);
  const first = batch ?? 'batch';
  console.log(
    `${path}: ${(bytes.length / 2 ** 20).toFixed(2)} MiB, input [${first}, ${inputShape.join(', ')}], output [${first}, ${outputDim}].`,
  );
  if (flags.verify) console.log(await verified(bytes, parts.encoder, tensors));
}

/** How far the file is from the encoder, as a sentence. */
async function verified(file: Uint8Array, encoder: Encoder, weights: HostTensors): Promise<string> {
  const { verifyOnnx } = await import('@unlabel/backend-onnx');
  const { batches, difference } = await verifyOnnx(file, encoder, weights);
  return `ONNX Runtime gives the encoder's features on batches of ${batches.join(', ')}, to ${difference.toExponential(0)} of the largest.`;
}

function requireOnnx({ format, opset, batch, verify }: ExportFlags): void {
  const [flag] = Object.entries({ opset, batch, verify }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (format === 'onnx' || flag === undefined) return;
  throw new UnlabelError('INVALID_OPTION', `--${flag} means nothing to ${format} files.`, {
    fix: 'Leave it out, or add --format onnx.',
  });
}
