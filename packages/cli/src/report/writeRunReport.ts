import { basename, dirname, join } from 'node:path';
import { folderStore } from '@unlabel/core';
import { type ReportData, renderReport, reportFigures } from '@unlabel/eval';
import { describeRun } from './describeRun';
import type { RunImages } from './runImages';
import { readRunRecord } from './runRecord';

/**
 * Writes report.html into the folder of a run.
 * @param figures a folder for each figure as SVG and PNG (default: no such files)
 * @returns the path of the page
 */
export async function writeRunReport(folder: string, images?: RunImages, figures?: string): Promise<string> {
  const path = join(folder, 'report.html');
  await writePage(path, describeRun(await readRunRecord(folder), images), figures);
  return path;
}

/** Writes a report, and where asked for each figure as SVG and PNG into a folder; every file whole or not at all. */
export async function writePage(path: string, data: ReportData, figures?: string): Promise<void> {
  const encoder = new TextEncoder();
  await folderStore(dirname(path)).write(basename(path), encoder.encode(await renderReport(data)));
  if (figures === undefined) return;
  const store = folderStore(figures);
  for (const { name, svg, png } of await reportFigures(data)) {
    await store.write(`${name}.svg`, encoder.encode(svg));
    await store.write(`${name}.png`, png);
  }
}
