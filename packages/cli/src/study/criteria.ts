import { type MeanInterval, meanInterval } from '@unlabel/eval';
import type { CollapseRisk } from '../report/collapseRisk';
import type { RunRecord } from '../report/runRecord';
import { rankCorrelation } from './rankCorrelation';

/** How well a criterion ranks runs as their quality does: Spearman's ρ in [−1, 1], NaN where there is nothing to rank. */
export interface Correlation {
  readonly criterion: string;
  /** Over all runs, settings and seeds alike. */ readonly rho: number;
  readonly runs: number;
  /** Of each seed's runs alone. */ readonly bySeed?: MeanInterval;
  /** Over the runs of each setting of the axis that the study names. */
  readonly within: Readonly<Record<string, number>>;
}

/** What {@link correlationsOf} compares. */
export interface RankedRun {
  readonly seed: number;
  readonly quality: number | undefined;
  readonly criteria: Readonly<Record<string, number>>;
  /** Settings by axis. */ readonly settings: Readonly<Record<string, string>>;
}

/** What could rank runs without labels, by name; of each, more should be better. */
export function criteriaOf(
  { steps, reports, outcome }: Pick<RunRecord, 'steps' | 'reports' | 'outcome'>,
  { rankShare, projectionStd, directions: ofProjections }: CollapseRisk,
): Readonly<Record<string, number>> {
  const last = steps.slice(-Math.max(1, Math.round(steps.length / 20)));
  const { geometry, figures = {} } = outcome?.evaluation.at(-1) ?? {};
  const { directions, uniformity, alphaReq } = figures.geometry ?? {};
  const online = reports.flatMap((report) => report.figures.knn ?? []).at(-1);
  return {
    'low training loss': -last.reduce((sum, { loss }) => sum + loss, 0) / last.length,
    ...(rankShare !== undefined && { 'RankMe of features': rankShare }),
    ...(geometry && { 'spread of features': geometry.featureStd }),
    ...(directions !== undefined && { 'directions of features': directions }),
    ...(uniformity !== undefined && { 'uniformity of features (low)': -uniformity }),
    ...(alphaReq !== undefined && { 'α-ReQ near 1': -Math.abs(alphaReq - 1) }),
    ...(projectionStd !== undefined && { 'spread of projections': projectionStd }),
    ...(ofProjections && { 'directions of projections': ofProjections.carrying }),
    ...(online !== undefined && { 'kNN while training (uses labels)': online }),
  };
}

/** Every criterion's correlation with the quality, the best first. @param axis whose settings are looked at one by one, too */
export function correlationsOf(runs: readonly RankedRun[], axis?: string): readonly Correlation[] {
  const names = [...new Set(runs.flatMap(({ criteria }) => Object.keys(criteria)))];
  const correlations = names.map((criterion) => {
    const pairsOf = (some: readonly RankedRun[]) =>
      some.flatMap(({ criteria, quality }) => {
        const value = criteria[criterion];
        return value === undefined || quality === undefined ? [] : [[value, quality] as const];
      });
    const groups = groupBy(runs, ({ seed }) => String(seed));
    const seeds = [...groups.values()].map((some) => rankCorrelation(pairsOf(some))).filter(Number.isFinite);
    const settings = axis === undefined ? [] : [...groupBy(runs, (run) => run.settings[axis] ?? '')];
    const pairs = pairsOf(runs);
    return {
      criterion,
      rho: rankCorrelation(pairs),
      runs: pairs.length,
      ...(seeds.length > 1 && { bySeed: meanInterval(seeds) }),
      within: Object.fromEntries(settings.map(([setting, some]) => [setting, rankCorrelation(pairsOf(some))])),
    };
  });
  return correlations.sort((a, b) => (b.rho || -2) - (a.rho || -2));
}

function groupBy(runs: readonly RankedRun[], keyOf: (run: RankedRun) => string): Map<string, RankedRun[]> {
  const groups = new Map<string, RankedRun[]>();
  for (const run of runs) groups.set(keyOf(run), [...(groups.get(keyOf(run)) ?? []), run]);
  return groups;
}
