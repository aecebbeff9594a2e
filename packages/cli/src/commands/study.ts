import { reportTableText } from '../output/reportTableText';
import { percent } from '../output/table';
import { readRunRecord } from '../report/runRecord';
import { listenForInterruption } from '../run/interruption';
import { runStudy, type StudyRun, studyFolder } from '../study/runStudy';
import { planStudy } from '../study/studyPlan';
import { describeStudy, writeStudy } from '../study/studyReport';
import { collectResults, figureNamed, trainedFigures } from '../study/studyResults';
import { loadStudy } from '../study/studySchema';

/** What `unlabel study` takes. */
export interface StudyFlags {
  readonly out?: string;
  /** A folder for each figure as SVG and PNG. */ readonly figures?: string;
  /** Whether to print the plan alone. */ readonly plan?: boolean;
}

/** Carries out a study, or what of it has not finished, and writes its results; Ctrl-C saves, and the same command goes on. */
export async function study(path: string, { out, figures, plan = false }: StudyFlags): Promise<void> {
  const loaded = await loadStudy(path);
  if (plan) {
    console.log(
      planStudy(loaded)
        .map(({ folder, assignments }) => `${folder}\n  ${assignments.join('\n  ')}`)
        .join('\n'),
    );
    return;
  }
  const folder = studyFolder({ path, ...(out !== undefined && { out }) });
  const interruption = listenForInterruption((message) => process.stderr.write(`\n${message}\n`));
  try {
    const onRun = (run: StudyRun, ended: number, total: number) => void say(run, loaded.quality, `[${ended}/${total}]`);
    const runs = await runStudy(loaded, { path, out: folder, signal: interruption.signal, onRun });
    const results = await collectResults(loaded, runs);
    await writeStudy(folder, results, figures);
    console.log([...(describeStudy(results).tables ?? []).map(reportTableText), `${folder}/study.html`].join('\n\n'));
    if (interruption.signal.aborted) {
      console.log('Stopped; what is done is saved. The same command goes on.');
      process.exitCode = 130;
    } else if (runs.some(({ state }) => state !== 'finished')) process.exitCode = 1;
  } finally {
    interruption.dispose();
  }
}

/** One line of a run that has ended. */
async function say(
  { combination, seed, state, error, earlier, path }: StudyRun,
  quality: string,
  count: string,
): Promise<void> {
  const value =
    state === 'finished' ? figureNamed(trainedFigures((await readRunRecord(path)).outcome), quality) : undefined;
  const figure =
    value === undefined
      ? ''
      : `, ${quality} ${quality.endsWith('accuracy') ? `${percent(value)} %` : value.toPrecision(4)}`;
  const what = earlier ? 'had finished' : state;
  process.stderr.write(`${count} ${combination.name}, seed ${seed}: ${what}${figure}${error ? `: ${error}` : ''}\n`);
}
