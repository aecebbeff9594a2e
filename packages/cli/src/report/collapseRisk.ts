import type { Tone } from '@unlabel/eval';
import type { RunRecord } from './runRecord';

/** How near a run has come to collapse. */
export interface CollapseRisk {
  /** Share of the dimensions in use: RankMe over the most that it could be, in (0, 1]; missing without an evaluation. */
  readonly rankShare?: number;
  readonly rankMe?: number;
  /** Standard deviation of projections at the end of training; 1 is healthy, 0 collapsed; missing before the first step. */
  readonly projectionStd?: number;
  /** Directions that carry 99 % of the variance of held-out projections, at the last time that they were measured. */
  readonly projectionDirections?: number;
  readonly verdict: Verdict;
}

export type Verdict = 'healthy' | 'at risk' | 'collapsed' | 'unknown';

/** Below these the collapse monitor warns, too. */
const collapsedBelow = { projectionStd: 0.2, rankShare: 0.05, projectionDirections: 2 };
const atRiskBelow = { projectionStd: 0.3, rankShare: 0.1, projectionDirections: 3 };

const names = ['projectionStd', 'rankShare', 'projectionDirections'] as const;

/** The tone in which a verdict is shown. */
export const verdictTone: Readonly<Record<Verdict, Tone | undefined>> = {
  healthy: 'good',
  'at risk': 'caution',
  collapsed: 'bad',
  unknown: undefined,
};

/** Judges a run by its last projections and by the trained encoder's features. */
export function collapseRisk({
  steps,
  reports,
  outcome,
}: Pick<RunRecord, 'steps' | 'reports' | 'outcome'>): CollapseRisk {
  const last = steps.slice(-Math.max(1, Math.round(steps.length / 20)));
  const projectionStd = last.reduce((sum, step) => sum + step.projectionStd, 0) / last.length;
  const { rankMe, count, dim } = outcome?.evaluation.at(-1)?.geometry ?? {};
  const rankShare = rankMe === undefined ? undefined : rankMe / Math.min(count ?? 1, dim ?? 1);
  const projectionDirections = reports.flatMap(({ figures }) => figures.projectionDirections ?? []).at(-1);
  const known = {
    ...(projectionDirections !== undefined && { projectionDirections }),
    ...(last.length > 0 && { projectionStd }),
    ...(rankShare !== undefined && { rankShare }),
  };
  return { ...known, ...(rankMe !== undefined && { rankMe }), verdict: verdictOf(known) };
}

function verdictOf(known: Partial<typeof collapsedBelow>): Verdict {
  const below = (limits: typeof collapsedBelow) =>
    names.some((name) => (known[name] ?? Number.POSITIVE_INFINITY) < limits[name]);
  if (known.projectionStd === undefined && known.rankShare === undefined) return 'unknown';
  if (below(collapsedBelow)) return 'collapsed';
  return below(atRiskBelow) ? 'at risk' : 'healthy';
}
