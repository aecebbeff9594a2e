import { type Callback, type RunHandle, UnlabelError } from '@unlabel/core';
import { featureStd } from './featureStd';
import { rankMe } from './rankMe';
import { stopwatch } from './stopwatch';

/** Encoder inputs without labels. */
export interface HeldOutInputs {
  /** `[count, ...inputShape]`, row-major, preprocessed as in training. */ readonly inputs: Float32Array;
  readonly count: number;
}

export interface CollapseMonitorOptions {
  /** Inputs, a few hundred, whose features are measured now and then (default: none, only projections are watched). */
  readonly heldOut?: HeldOutInputs;
  /** Epochs between measurements of `heldOut`, ≥ 1 (default 1). */ readonly everyEpochs?: number;
  /** Projections below this standard deviation, where 1 is healthy, count as collapsing, in [0, 1] (default 0.1). */
  readonly minStd?: number;
  /** Steps in a row below `minStd` before the warning, ≥ 1 (default 20). */ readonly patience?: number;
  /** Features with a smaller RankMe than this share of min(count, dim) count as collapsed, in [0, 1] (default 0.05). */
  readonly minRankShare?: number;
}

/**
 * Warns in words, while training can still be stopped, when representations collapse. Every step it looks at the
 * standard deviation of the projections, where collapse shows first; after epochs it looks at the RankMe of the encoder's
 * features of `heldOut`, and emits `report` events of source `collapse-monitor` with `rankMe`, `featureStd` and
 * `timeShare`, the share of the run's time that this callback has taken so far. Each warning comes once, and again only
 * after a recovery.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function collapseMonitor(options: CollapseMonitorOptions = {}): Callback {
  const { heldOut, everyEpochs = 1, minStd = 0.1, patience = 20, minRankShare = 0.05 } = options;
  requireOptions({ everyEpochs, patience }, { minStd, minRankShare });
  let watch = stopwatch();
  let stepsBelow = 0;
  const rankAlarm = alarm();
  const measure = async ({ inputs, count }: HeldOutInputs, step: number, run: RunHandle) => {
    const dim = run.encoder.outputDim;
    const { rank, std } = await watch.time(async () => {
      const features = await run.embed(inputs, count);
      return { rank: rankMe({ features, count, dim }), std: featureStd({ features, count, dim }) };
    });
    const figures = { rankMe: rank, featureStd: std, timeShare: watch.share() };
    run.emit({ type: 'report', step, source: 'collapse-monitor', figures });
    const message = `Features of held-out samples span about ${rank.toFixed(1)} of ${Math.min(count, dim)} dimensions (RankMe): they have partly collapsed. ${remedy}`;
    if (rankAlarm(rank < minRankShare * Math.min(count, dim))) warn(run, step, message);
  };
  return {
    name: 'collapse-monitor',
    onEvent: async (event, run) => {
      if (event.type === 'start') watch = stopwatch();
      if (event.type === 'step') {
        stepsBelow = event.projectionStd < minStd ? stepsBelow + 1 : 0;
        const message = `Projections have had a standard deviation below ${minStd} for ${patience} steps, now ${event.projectionStd.toFixed(3)}; 1 is healthy, 0 is every sample in one point. ${remedy}`;
        if (stepsBelow === patience) warn(run, event.step, message);
      }
      if (heldOut && event.type === 'epoch' && (event.epoch + 1) % everyEpochs === 0) {
        await measure(heldOut, event.step, run);
      }
    },
  };
}

const remedy =
  'Check that targets pass no gradient and that the projector ends in batch norm, then lower the learning rate or raise the weight of the term that spreads samples.';

function warn(run: RunHandle, step: number, message: string): void {
  run.emit({ type: 'warning', step, source: 'collapse-monitor', message });
}

/** True when a condition begins to hold, not while it goes on. */
function alarm(): (condition: boolean) => boolean {
  let ringing = false;
  return (condition) => {
    const begins = condition && !ringing;
    ringing = condition;
    return begins;
  };
}

function requireOptions(counts: Readonly<Record<string, number>>, shares: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${value}.`, { fix: 'Give a whole number from 1.' });
  }
  for (const [name, value] of Object.entries(shares)) {
    if (value >= 0 && value <= 1) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${value}.`, { fix: 'Give a number from 0 to 1.' });
  }
}
