import { type Callback, type RunHandle, UnlabelError } from '@unlabel/core';
import { againstCompleteCollapse, type CollapseFigures, collapseFigures, collapseVerdict } from './collapse';
import { unitRows } from './features';
import { rankMe } from './rankMe';
import { stopwatch } from './stopwatch';

/** Encoder inputs without labels. */
export interface HeldOutInputs {
  /** `[count, ...inputShape]`, row-major, preprocessed as in training. */ readonly inputs: Float32Array;
  /** Two or more. */ readonly count: number;
}

export interface CollapseMonitorOptions {
  /**
   * Inputs, a few hundred, whose projections and features are measured now and then (default: none, and only the
   * projections of training batches are watched).
   */
  readonly heldOut?: HeldOutInputs;
  /** Epochs between measurements of `heldOut`, ≥ 1 (default 1). */ readonly everyEpochs?: number;
  /** A smaller standard deviation, where 1 is healthy, is collapse, in [0, 1] (default 0.2). */
  readonly minStd?: number;
  /** Steps in a row below `minStd` before the warning, ≥ 1 (default 40): many methods pass through a dip. */
  readonly patience?: number;
  /**
   * Fewer principal directions that carry 99 % of the variance of `heldOut` are collapse, ≥ 0 (default 2: early in
   * training, methods that end well may vary along no more than that; of projections, {@link fewestDirections}).
   */
  readonly minDirections?: number;
}

/**
 * Warns in words, while training can still be stopped, when representations collapse. Every step it looks at the
 * standard deviation of the projections of the batch, where collapse shows first: the encoder's own often stays. When that
 * has been too low for `patience` steps, and after epochs, it looks at projections and features of `heldOut`, and emits
 * `report` events of source `collapse-monitor` with `featureStd`, `featureDirections` and `rankMe` of features,
 * `projectionStd` and `projectionDirections`, and `timeShare`, the share of the run's time that this callback has taken
 * so far. Each warning comes once, and again only after a recovery.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function collapseMonitor(options: CollapseMonitorOptions = {}): Callback {
  const { heldOut, everyEpochs = 1, minStd = 0.2, patience = 40, minDirections } = options;
  requireOptions({ everyEpochs, patience, count: heldOut?.count ?? 2 }, minStd, minDirections ?? 0);
  let watch = stopwatch();
  let stepsBelow = 0;
  const ringing = new Set<string>();
  const judge = (what: string, figures: CollapseFigures, fewest: number, step: number, run: RunHandle) => {
    const { kind, message } = collapseVerdict(figures, { what, minStd, minDirections: minDirections ?? fewest });
    const spread = what === projections && stepsBelow === 0; // batch norm's running statistics lag behind batches
    if (kind === 'none' || (kind === 'complete' && spread)) ringing.delete(what);
    else if (begins(ringing, what)) warn(run, step, message);
  };
  const measure = async ({ inputs, count }: HeldOutInputs, step: number, run: RunHandle) => {
    const { ofFeatures, ofProjections, rank } = await watch.time(async () => {
      const features = { features: await run.embed(inputs, count), count, dim: run.encoder.outputDim };
      const projected = await run.project(inputs, count);
      return {
        ofFeatures: collapseFigures(features),
        ofProjections: collapseFigures({ ...projected, features: unitRows(projected) }), // scale tells nothing, and hides
        rank: rankMe(features),
      };
    });
    const figures = {
      featureStd: ofFeatures.featureStd,
      featureDirections: ofFeatures.directions,
      rankMe: rank,
      projectionStd: ofProjections.featureStd,
      projectionDirections: ofProjections.directions,
      projectionDirectionsPossible: ofProjections.possible,
      timeShare: watch.share(),
    };
    run.emit({ type: 'report', step, source: 'collapse-monitor', figures });
    if (step < patience) return; // nothing has settled
    judge(projections, ofProjections, fewestDirections(ofProjections.possible, ofFeatures.directions), step, run);
    judge('Features of held-out samples', ofFeatures, 2, step, run);
  };
  return {
    name: 'collapse-monitor',
    onEvent: async (event, run) => {
      if (event.type === 'start') watch = stopwatch();
      if (event.type === 'step') {
        const { step, projectionStd } = event;
        stepsBelow = projectionStd < minStd ? stepsBelow + 1 : 0;
        if (stepsBelow === 0 && !heldOut) ringing.delete(projections);
        if (stepsBelow !== patience) return;
        if (begins(ringing, projections)) warn(run, step, lowFor(patience, minStd, projectionStd));
        if (heldOut) await measure(heldOut, step, run);
      }
      if (heldOut && event.type === 'epoch' && (event.epoch + 1) % everyEpochs === 0) {
        await measure(heldOut, event.step, run);
      }
    },
  };
}

/**
 * How many directions must carry 99 % of the variance of projections, scaled to length 1, lest they count as collapsed:
 * 3 % of those possible, or 30 % of those of the features where these are few themselves, and 2 in any case. Batch norm at
 * the end of a projector keeps up the standard deviation of what collapses, but not its directions.
 * @param possible directions that projections could have
 * @param ofFeatures directions that features have
 */
export function fewestDirections(possible: number, ofFeatures: number): number {
  return Math.max(2, Math.floor(Math.min(0.03 * possible, 0.3 * ofFeatures)));
}

const projections = 'Projections of held-out samples';

function lowFor(steps: number, minStd: number, std: number): string {
  return `Projections have collapsed, or are about to: their standard deviation has been below ${minStd} for ${steps} steps, now ${std.toFixed(3)}; 1 is healthy, 0 is every sample in one point. ${againstCompleteCollapse}`;
}

function warn(run: RunHandle, step: number, message: string): void {
  run.emit({ type: 'warning', step, source: 'collapse-monitor', message });
}

/** Whether an alarm is new. */
function begins(ringing: Set<string>, alarm: string): boolean {
  if (ringing.has(alarm)) return false;
  ringing.add(alarm);
  return true;
}

function requireOptions(counts: Readonly<Record<string, number>>, minStd: number, minDirections: number): void {
  for (const [name, value] of Object.entries(counts)) {
    const least = name === 'count' ? 2 : 1;
    if (Number.isInteger(value) && value >= least) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${value}.`, { fix: `Give a whole number from ${least}.` });
  }
  if (minStd >= 0 && minStd <= 1 && minDirections >= 0) return;
  throw new UnlabelError('INVALID_OPTION', `minStd is ${minStd} and minDirections is ${minDirections}.`, {
    fix: 'Give a standard deviation from 0 to 1, and a number of directions from 0.',
  });
}
