import { type Dataset, type HostTensors, loadCheckpoint, type RunStore, UnlabelError } from '@unlabel/core';
import { fashionMnist } from '@unlabel/data';
import { nearestSamples } from '@unlabel/eval';
import { changesBetween } from './changes';
import type { MapSource } from './embeddingMap';
import { openEngine } from './engine';
import { exportedConfig, exportedEncoder, exportedFeatures, featuresOf, look } from './exports';
import { failureOf } from './failure';
import { type OpenRun, openRun, withSettings } from './openRun';
import { openImages } from './ownImages';
import type { Change, Neighbour, Notice, Requests, SavedRun } from './protocol';
import { clearRun, findRun, openShelf, saveSettings } from './savedRun';
import type { Settings } from './settings';
import { viewRows } from './viewRows';

/** What answers the page, by the name of the request. */
export type Workshop = {
  readonly [Name in keyof Requests]: (...args: Parameters<Requests[Name]>) => Promise<ReturnType<Requests[Name]>>;
};

/** A run and how it was changed on the way. */
interface Piece {
  readonly run: OpenRun;
  readonly changes: readonly Change[];
}

/** Opens all that trains; it lives in a worker, so that the page stays responsive. */
export async function openWorkshop(notify: (notice: Notice) => void): Promise<Workshop> {
  const shelf = await openShelf();
  const store = shelf.store('run');
  const images = openImages(shelf.store('images'), (done, of) => notify({ type: 'decoding', done, of }));
  const fashion = once(() => fashionMnist());
  const dataset = (settings: Settings) => (settings.data === 'fashion-mnist' ? fashion() : images.dataset());
  const runs = openRuns(store, dataset, notify);
  return {
    restore: async () => {
      const [saved, own] = [await findRun(store), await images.found()];
      if (saved) void runs.takeUp(saved);
      if (!shelf.lasting) notify({ type: 'note', text: notLasting });
      return { run: saved, own };
    },
    takeImages: (files) => images.take(files),
    previewViews: async (settings, draw) => viewRows(settings, await dataset(settings), draw),
    ...runs,
    exportConfig: async (settings) => exportedConfig(settings, await dataset(settings)),
  };
}

/** What concerns the one run that is open. */
function openRuns(
  store: RunStore,
  dataset: (settings: Settings) => Promise<Dataset>,
  notify: (notice: Notice) => void,
) {
  let piece: Piece | undefined;
  let step = 0;
  const engine = openEngine(store, (notice) => {
    if (notice.type === 'event' && 'step' in notice.event) step = notice.event.step;
    notify(notice);
  });
  const turns = inTurn();
  const prepare = async (settings: Settings) => {
    notify({ type: 'status', status: 'preparing' });
    return openRun(settings, await dataset(settings), notify);
  };
  const halt = async () => {
    if (engine.going) notify({ type: 'status', status: 'pausing' });
    await engine.halt();
  };
  const go = async (next: Piece, resume: boolean) => {
    piece = next;
    await saveSettings(store, next.run.settings, next.changes);
    notify({ type: 'changes', changes: next.changes });
    engine.go(next.run, resume);
  };
  /** Draws the map of the newest checkpoint, so that an earlier run can be looked at and exported without training. */
  const takeUp = async (saved: SavedRun) => {
    try {
      piece = { run: await prepare(saved.settings), changes: saved.changes };
      step = saved.step;
      await look(piece.run, await engine.session(saved.settings), await encoderWeights(store), saved.step);
    } catch (error) {
      notify({ type: 'failure', failure: failureOf(error) });
    }
    notify({ type: 'status', status: saved.step >= totalSteps(saved) ? 'finished' : 'paused' });
  };
  const resume = async (settings: Settings) => {
    await halt();
    if (!piece) return go({ run: await prepare(settings), changes: [] }, true);
    const changed = changesBetween(piece.run.settings, settings).map((what) => ({ step, what }));
    await go({ run: await withSettings(piece.run, settings), changes: [...piece.changes, ...changed] }, true);
  };
  const start = async (settings: Settings) => {
    await halt();
    piece = undefined;
    await clearRun(store);
    await go({ run: await prepare(settings), changes: [] }, false);
  };
  return {
    takeUp: (saved: SavedRun) => turns(() => takeUp(saved)),
    start: (settings: Settings) => turns(() => start(settings)),
    pause: () => turns(halt),
    resume: (settings: Settings) => turns(() => resume(settings)),
    showMap: async (source: MapSource) => piece?.run.map.show(source),
    neighbours: async (sample: number) => neighboursOf(sample, piece?.run),
    exportOnnx: async () => exportedEncoder(required(piece).run, await encoderWeights(store)),
    exportFeatures: async () => {
      const { run } = required(piece);
      return exportedFeatures(
        run,
        await featuresOf(run, await engine.session(run.settings), await encoderWeights(store)),
      );
    },
  };
}

const notLasting =
  'This browser keeps no files for this page (a private window, or one that is not served over https): a run is lost when the page is closed or reloaded.';

/** Steps of the whole run, as its last beginning told. */
function totalSteps({ events }: SavedRun): number {
  const start = events.findLast((event) => event.type === 'start');
  return start?.type === 'start' ? start.totalSteps : 0;
}

/** @throws UnlabelError `CHECKPOINT_NOT_FOUND` before the first map */
function neighboursOf(sample: number, run: OpenRun | undefined): readonly Neighbour[] {
  const { latest } = required(run).map;
  const [row] = nearestSamples(required(latest), [sample], Math.min(8, required(latest).count - 1));
  return row?.nearest ?? [];
}

/** The encoder's variables by their own names, as of the newest checkpoint. @throws UnlabelError `CHECKPOINT_NOT_FOUND` */
async function encoderWeights(store: RunStore): Promise<HostTensors> {
  const { state } = await loadCheckpoint(store);
  const named = Object.entries(state).filter(([name]) => name.startsWith('encoder/'));
  return Object.fromEntries(named.map(([name, tensor]) => [name.slice('encoder/'.length), tensor]));
}

function required<T>(part: T | undefined): T {
  if (part !== undefined) return part;
  throw new UnlabelError('CHECKPOINT_NOT_FOUND', 'There is no run yet.', { fix: 'Train first.' });
}

/** Lets what changes a run happen one after the other, however quickly it is asked for. */
function inTurn(): (act: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (act) => {
    const mine = last.then(act);
    last = mine.catch(() => undefined); // reported to who asked
    return mine;
  };
}

/** Does it at the first call, and again only after a failure. */
function once<T>(act: () => Promise<T>): () => Promise<T> {
  let doing: Promise<T> | undefined;
  return () => {
    doing ??= act().catch((error: unknown) => {
      doing = undefined;
      throw error;
    });
    return doing;
  };
}
