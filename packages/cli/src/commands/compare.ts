import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UnlabelError } from '@unlabel/core';
import { reportTableText } from '../output/reportTableText';
import { describeComparison } from '../report/compareRuns';
import { readRunRecord } from '../report/runRecord';
import { writePage } from '../report/writeRunReport';

/** What `unlabel compare` takes. */
export interface CompareFlags {
  readonly out: string;
  readonly quality: string;
}

/** Prints and writes runs side by side; what is no run's folder is left out and named, for `runs/*` may match anything. */
export async function compare(folders: readonly string[], { out, quality }: CompareFlags): Promise<void> {
  const runs = folders.filter((folder) => existsSync(join(folder, 'config.yaml')));
  const others = folders.filter((folder) => !runs.includes(folder));
  if (runs.length === 0) {
    throw new UnlabelError('RUN_FOLDER_INVALID', `None of ${folders.join(', ')} is a run folder.`, {
      fix: 'Name folders that hold a config.yaml, such as runs/*.',
    });
  }
  if (others.length > 0) console.error(`Left out, for they hold no run: ${others.join(', ')}.`);
  const data = describeComparison(await Promise.all(runs.map(readRunRecord)), quality);
  console.log((data.tables ?? []).map(reportTableText).join('\n\n'));
  await writePage(out, data);
  console.log(`\n${out}`);
}
