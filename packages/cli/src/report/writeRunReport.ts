import { folderStore } from '@unlabel/core';
import { type ReportData, renderReport, reportFigures } from '@unlabel/eval';
import { describeRun } from './describeRun';
import type { RunImages } from './runImages';
import { readRunRecord } from './runRecord';

/** Writes the report of a run into its folder. @returns the path of the page */
export async function writeRunReport(folder: string, images?: RunImages, figures?: string): Promise<string> {
  return writePage(folder, describeRun(await readRunRecord(folder), images), figures);
}

/**
 * Writes a report as `report.html` into a folder, and where asked for, each figure as SVG and PNG into another; every file
 * whole or not at all.
 * @returns the path of the page
 */
export async function writePage(folder: string, data: ReportData, figures?: string): Promise<string> {
  const encoder = new TextEncoder();
  await folderStore(folder).write('report.html', encoder.encode(await renderReport(data)));
  if (figures !== undefined) {
    const store = folderStore(figures);
    for (const { name, svg, png } of await reportFigures(data)) {
      await store.write(`${name}.svg`, encoder.encode(svg));
      await store.write(`${name}.png`, png);
    }
  }
  return `${folder.replace(/[/\\]+$/, '')}/report.html`;
}
