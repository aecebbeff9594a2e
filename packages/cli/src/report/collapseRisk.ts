import type { Tone } from '@unlabel/eval';
import type { RunRecord } from './runRecord';

/** How near a run has come to collapse. */
export interface CollapseRisk {
  /** Share of the dimensions in use: RankMe over the most that it could be, in (0, 1]; missing without an evaluation. */
  readonly rankShare?: number;
  readonly rankMe?: number;
  /** Standard deviation of projections at the end of training; 1 is healthy, 0 collapsed; missing before the first step. */
  readonly projectionStd?: number;
  /**
   * Directions that carry 99 % of the variance of projections, as the collapse monitor last found, over those that there
   * could be: batch norm at the end of a projector keeps their standard deviation up when one direction is left. Missing
   * where no samples were held out.
   */
  readonly directionShare?: number;
  readonly verdict: Verdict;
}

export type Verdict = 'healthy' | 'at risk' | 'collapsed' | 'unknown';

/** Below these the collapse monitor warns, too. */
const collapsedBelow = { projectionStd: 0.2, rankShare: 0.05, directionShare: 0.03 };
const atRiskBelow = { projectionStd: 0.3, rankShare: 0.1, directionShare: 0.06 };

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
  const directionShare = directionShareOf(reports);
  const known = {
    ...(last.length > 0 && { projectionStd }),
    ...(rankShare !== undefined && { rankShare }),
    ...(directionShare !== undefined && { directionShare }),
  };
  return { ...known, ...(rankMe !== undefined && { rankMe }), verdict: verdictOf(known) };
}

function directionShareOf(reports: RunRecord['reports']): number | undefined {
  const shares = reports.flatMap(({ figures }) => {
    const { projectionDirections, projectionDirectionsPossible: possible } = figures;
    return projectionDirections !== undefined && possible ? [projectionDirections / possible] : [];
  });
  return shares.at(-1);
}

function verdictOf(known: Partial<typeof collapsedBelow>): Verdict {
  const below = (limits: typeof collapsedBelow) =>
    (['projectionStd', 'rankShare', 'directionShare'] as const).some((name) => (known[name] ?? 1) < limits[name]);
  if (Object.keys(known).length === 0) return 'unknown';
  if (below(collapsedBelow)) return 'collapsed';
  return below(atRiskBelow) ? 'at risk' : 'healthy';
}
