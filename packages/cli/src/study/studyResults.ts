import { type MeanInterval, meanInterval } from '@unlabel/eval';
import { type CollapseRisk, collapseRisk, type Verdict } from '../report/collapseRisk';
import { type RunOutcome, readRunRecord } from '../report/runRecord';
import { type Correlation, correlationsOf, criteriaOf, type RankedRun } from './criteria';
import type { StudyRun } from './runStudy';
import type { Study } from './studySchema';

/** What one run of a study came to. */
export interface RunFigures extends Pick<StudyRun, 'seed' | 'state' | 'error' | 'path'> {
  /** By evaluator and figure, as `linear-probe.accuracy`. */ readonly figures: Readonly<Record<string, number>>;
  readonly risk: CollapseRisk;
  /** What could rank runs without labels, by name. */ readonly criteria: Readonly<Record<string, number>>;
}

/** What one combination of settings came to, over seeds. */
export interface CombinationResult {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly runs: readonly RunFigures[];
  /** Means over the runs that have the figure. */ readonly figures: Readonly<Record<string, MeanInterval>>;
  readonly rankShare?: MeanInterval;
  readonly projectionStd?: MeanInterval;
  readonly projectionDirections?: MeanInterval;
  /** How many of the finished runs got each verdict. */ readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
}

export interface StudyResults {
  readonly title: string;
  readonly hypothesis?: string;
  readonly quality: string;
  readonly combinations: readonly CombinationResult[];
  /** Empty unless the study asks for it. */ readonly correlations: readonly Correlation[];
}

/** Reads what all runs of a study have come to. */
export async function collectResults(study: Study, runs: readonly StudyRun[]): Promise<StudyResults> {
  const { title, hypothesis, quality, correlate } = study;
  const byName = new Map<string, RunFigures[]>();
  for (const run of runs)
    byName.set(run.combination.name, [...(byName.get(run.combination.name) ?? []), await figuresOf(run)]);
  const combinations = [...byName].map(([name, results]) => {
    const settings = runs.find((run) => run.combination.name === name)?.combination.settings ?? {};
    return combined(name, settings, results);
  });
  return {
    title,
    ...(hypothesis !== undefined && { hypothesis }),
    quality,
    combinations,
    correlations: correlate
      ? correlationsOf(rankedRuns(combinations, quality), typeof correlate === 'string' ? correlate : undefined)
      : [],
  };
}

/** A figure by evaluator and name: `linear-probe.accuracy` also means that of `linear-probe, l2 0.1`. */
export function figureNamed<T>(figures: Readonly<Record<string, T>>, wanted: string): T | undefined {
  return figures[fullName(Object.keys(figures), wanted)];
}

/** How the figures themselves call a figure that {@link figureNamed} would find. */
export function fullName(names: readonly string[], wanted: string): string {
  const [, evaluator, figure] = /^(.*)\.([^.]+)$/.exec(wanted) ?? [];
  const match = names.find((name) => name.startsWith(`${evaluator}, `) && name.endsWith(`.${figure}`));
  return names.includes(wanted) ? wanted : (match ?? wanted);
}

/** A figure's name for people: `linear-probe, %`. */
export function figureTitle(figure: string): string {
  return figure.replace(/\.accuracy$/, ', %').replace(/\.([^.]+)$/, ', $1');
}

/** Figures of the trained encoder, flat. */
export function trainedFigures(outcome: RunOutcome | undefined): Readonly<Record<string, number>> {
  const entries = Object.entries(outcome?.evaluation.at(-1)?.figures ?? {}).flatMap(([evaluator, figures]) =>
    Object.entries(figures).map(([figure, value]) => [`${evaluator}.${figure}`, value] as const),
  );
  return Object.fromEntries(entries);
}

async function figuresOf({ seed, state, error, path }: StudyRun): Promise<RunFigures> {
  const told = { seed, state, path, ...(error !== undefined && { error }) };
  if (state !== 'finished') return { ...told, figures: {}, risk: { verdict: 'unknown' }, criteria: {} };
  const record = await readRunRecord(path);
  const risk = collapseRisk(record);
  return { ...told, figures: trainedFigures(record.outcome), risk, criteria: criteriaOf(record, risk) };
}

function combined(
  name: string,
  settings: Readonly<Record<string, string>>,
  runs: readonly RunFigures[],
): CombinationResult {
  const finished = runs.filter(({ state }) => state === 'finished');
  const means = (values: readonly number[]) => (values.length > 0 ? meanInterval(values) : undefined);
  const names = [...new Set(finished.flatMap(({ figures }) => Object.keys(figures)))];
  const figures = names.flatMap((figure) => {
    const mean = means(finished.flatMap((run) => run.figures[figure] ?? []));
    return mean ? [[figure, mean] as const] : [];
  });
  const rankShare = means(finished.flatMap(({ risk }) => risk.rankShare ?? []));
  const projectionStd = means(finished.flatMap(({ risk }) => risk.projectionStd ?? []));
  const projectionDirections = means(finished.flatMap(({ risk }) => risk.directions?.carrying ?? []));
  const verdicts: Partial<Record<Verdict, number>> = {};
  for (const { risk } of finished) verdicts[risk.verdict] = (verdicts[risk.verdict] ?? 0) + 1;
  return {
    name,
    settings,
    runs,
    figures: Object.fromEntries(figures),
    ...(rankShare && { rankShare }),
    ...(projectionStd && { projectionStd }),
    ...(projectionDirections && { projectionDirections }),
    verdicts,
  };
}

function rankedRuns(combinations: readonly CombinationResult[], quality: string): readonly RankedRun[] {
  return combinations.flatMap(({ settings, runs }) =>
    runs.map(({ seed, criteria, figures }) => ({ seed, criteria, settings, quality: figureNamed(figures, quality) })),
  );
}
