import { basename, dirname } from 'node:path';
import { folderStore } from '@unlabel/core';
import { assembleEncoder } from '../run/assemble';
import { type ExportFormat, encodeEncoder } from '../run/exportEncoder';
import { openRunFolder, readWeights } from '../run/runFolder';

/** What `unlabel export` takes. */
export interface ExportFlags {
  readonly format: ExportFormat;
  readonly out?: string;
}

/** Writes a run's encoder in a format that other tools read. */
export async function exportRun(runFolder: string, { format, out }: ExportFlags): Promise<void> {
  const { config, registry, store } = await openRunFolder(runFolder);
  const parts = await assembleEncoder(registry, config);
  const bytes = await encodeEncoder(format, parts, await readWeights(store));
  const { inputShape, outputDim } = parts.encoder;
  const path = out ?? `${runFolder}/encoder.${format}`;
  await folderStore(dirname(path)).write(basename(path), bytes);
  console.log(
    `${path}: ${(bytes.length / 2 ** 20).toFixed(2)} MiB, input [batch, ${inputShape.join(', ')}], output [batch, ${outputDim}].`,
  );
}
