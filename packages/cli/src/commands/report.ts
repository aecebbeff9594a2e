import { lookAtImages, type RunImages } from '../report/runImages';
import { type RunOutcome, readRunRecord } from '../report/runRecord';
import { writeRunReport } from '../report/writeRunReport';
import { assemble } from '../run/assemble';
import { openEncoder } from '../run/openEncoder';
import { openRunFolder, readEncoderFile } from '../run/runFolder';

/** What `unlabel report` takes. */
export interface ReportFlags {
  readonly figures?: string;
  /** `false` for a page without images. */ readonly images: boolean;
}

/** Writes report.html into a run's folder; of a run that has not finished, with what there is. */
export async function report(folder: string, { figures, images }: ReportFlags): Promise<void> {
  const { outcome } = await readRunRecord(folder);
  if (!outcome) console.error(`${folder} has not finished: the report shows its curves alone.`);
  const seen = outcome && images ? await imagesOf(folder, outcome) : undefined;
  console.log(await writeRunReport(folder, seen, figures));
}

async function imagesOf(folder: string, { evaluation }: RunOutcome): Promise<RunImages> {
  const run = await openRunFolder(folder);
  await readEncoderFile(run.store);
  const parts = await assemble(run);
  const { embedder, session, dispose } = await openEncoder(run);
  try {
    const { config, registry } = run;
    const measured = evaluation.at(-1);
    return await lookAtImages({ config, registry, parts, session, embed: embedder.embed, measured });
  } finally {
    await dispose();
  }
}
