import { type Callback, type CheckpointFacts, type RunHandle, UnlabelError } from '@unlabel/core';

export interface BestCheckpointOptions {
  /**
   * What to choose by: `'loss'`, the mean training loss of an epoch, or a figure of a `report` event as `source/figure`,
   * such as `'online-knn/knn'`, `'online-probe/accuracy'` or, without labels, `'collapse-monitor/rankMe'` (default `'loss'`,
   * which tells of the features with LeJEPA, and of little with losses whose targets move).
   */
  readonly by?: string;
  /** Whether the largest or the smallest is best (default `'min'` for the loss, else `'max'`). */ readonly mode?:
    | 'max'
    | 'min';
  /** Of the checkpoint, letters, digits and `-` (default `'best'`). */ readonly name?: string;
}

/**
 * Keeps the run's best moment so far as a checkpoint of its own, `checkpoints/best.safetensors`, written all or nothing.
 * A resumed run knows what it has to beat. Emits `report` events of source `best-checkpoint` with `value`. List it after
 * the callbacks that report the figure.
 * @throws UnlabelError `INVALID_OPTION`; in a run, what `keep` of the run's handle throws
 */
export function bestCheckpoint(options: BestCheckpointOptions = {}): Callback {
  const { by = 'loss', name = 'best' } = options;
  const { mode = by === 'loss' ? 'min' : 'max' } = options;
  requireFigure(by);
  let best: number | undefined;
  let lastEpoch = 0;
  const consider = async (value: number | undefined, step: number, run: RunHandle) => {
    if (value === undefined || !Number.isFinite(value)) return;
    if (best !== undefined && !(mode === 'max' ? value > best : value < best)) return;
    await run.keep(name, { by, mode, value: String(value) });
    best = value;
    run.emit({ type: 'report', step, source: 'best-checkpoint', figures: { value } });
  };
  return {
    name: 'best-checkpoint',
    onEvent: async (event, run) => {
      if (event.type === 'start') {
        const facts = await run.kept(name); // refuses a run without a store now, not after an epoch
        best = event.resumedFrom > 0 ? valueToBeat(facts, by, mode) : undefined;
        lastEpoch = event.epochs - 1;
      }
      if (event.type === 'report') await consider(figureOf(event, by), event.step, run);
      if (event.type !== 'epoch') return;
      if (by === 'loss') await consider(event.meanLoss, event.step, run);
      if (event.epoch === lastEpoch && best === undefined) warnUnseen(run, event.step, by);
    },
  };
}

function figureOf(
  { source, figures }: { readonly source: string; readonly figures: Readonly<Record<string, number>> },
  by: string,
): number | undefined {
  const prefix = `${source}/`;
  return by.startsWith(prefix) ? figures[by.slice(prefix.length)] : undefined;
}

/** What an interrupted run had reached, if it went by the same figure. */
function valueToBeat(facts: CheckpointFacts | undefined, by: string, mode: string): number | undefined {
  const value = facts?.by === by && facts.mode === mode ? Number(facts.value) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function warnUnseen(run: RunHandle, step: number, by: string): void {
  const message = `No finite ${by} was reported before the end of the last epoch, so no best checkpoint was kept till then. List the callback that reports it, and let it measure more often.`;
  run.emit({ type: 'warning', step, source: 'best-checkpoint', message });
}

function requireFigure(by: string): void {
  if (by === 'loss' || /^[^/]+\/.+$/.test(by)) return;
  throw new UnlabelError('INVALID_OPTION', `by is '${by}'.`, {
    fix: "Give 'loss', or source/figure of a report, such as 'online-knn/knn'.",
  });
}
