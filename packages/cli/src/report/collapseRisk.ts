import { fewestDirections, type Tone } from '@unlabel/eval';
import type { RunRecord } from './runRecord';

/** Directions that carry 99 % of the variance of projections scaled to length 1. */
export interface Directions {
  readonly carrying: number;
  readonly possible: number;
  /** Fewer are collapse. */ readonly fewest: number;
}

/** How near a run has come to collapse. */
export interface CollapseRisk {
  /** Share of the dimensions in use: RankMe over the most that it could be, in (0, 1]; missing without an evaluation. */
  readonly rankShare?: number;
  readonly rankMe?: number;
  /** Standard deviation of projections at the end of training; 1 is healthy, 0 collapsed; missing before the first step. */
  readonly projectionStd?: number;
  /** Directions of projections, as the collapse monitor last found; missing where no samples were held out. */
  readonly directions?: Directions;
  readonly verdict: Verdict;
}

export type Verdict = 'healthy' | 'at risk' | 'collapsed' | 'unknown';

/** Below these the collapse monitor warns, too. */
const collapsedBelow = { projectionStd: 0.2, rankShare: 0.05 };
const atRiskBelow = { projectionStd: 0.3, rankShare: 0.1 };

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
  const directions = directionsOf(reports);
  const known = {
    ...(last.length > 0 && { projectionStd }),
    ...(rankShare !== undefined && { rankShare }),
    ...(directions && { directions }),
  };
  return { ...known, ...(rankMe !== undefined && { rankMe }), verdict: verdictOf(known) };
}

function directionsOf(reports: RunRecord['reports']): Directions | undefined {
  const found = reports.flatMap(({ figures }) => {
    const { featureDirections = 0, projectionDirections: carrying, projectionDirectionsPossible: possible } = figures;
    if (carrying === undefined || possible === undefined) return [];
    return [{ carrying, possible, fewest: fewestDirections(possible, featureDirections) }];
  });
  return found.at(-1);
}

function verdictOf(known: Omit<CollapseRisk, 'verdict'>): Verdict {
  const below = (limits: typeof collapsedBelow, share: number) =>
    (['projectionStd', 'rankShare'] as const).some((name) => (known[name] ?? 1) < limits[name]) ||
    (known.directions && known.directions.carrying < share * known.directions.fewest);
  if (Object.keys(known).length === 0) return 'unknown';
  if (below(collapsedBelow, 1)) return 'collapsed';
  return below(atRiskBelow, 1.5) ? 'at risk' : 'healthy';
}
