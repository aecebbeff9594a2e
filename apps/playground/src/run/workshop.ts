import { type Dataset, loadCheckpoint, type RunStore, UnlabelError } from '@unlabel/core';
import { nearestSamples } from '@unlabel/eval';
import { changesBetween } from './changes';
import type { MapSource } from './embeddingMap';
import { openEngine } from './engine';
import { exportedConfig, exportedEncoder, exportedFeatures, featuresOf } from './exports';
import { failureOf } from './failure';
import { fashionMnistSample } from './fashionMnistSample';
import { encoderWeights, look } from './look';
import { measureMachine } from './measureMachine';
import { type OpenRun, openRun, withSettings } from './openRun';
import { type OwnImageStore, openImages } from './ownImages';
import type { Change, Neighbour, Notice, Requests, SavedRun } from './protocol';
import { findRun, saveSettings } from './savedRun';
import type { Settings } from './settings';
import { clear, openShelf, type Shelf, setAside } from './shelf';
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
  const images = openImages(shelf.store('images'), (done, of) => notify({ type: 'decoding', done, of }));
  const fashion = once(() => fashionMnistSample());
  const dataset = (settings: Settings) => (settings.data === 'fashion-mnist' ? fashion() : images.dataset());
  const { takeUp, ...runs } = openRuns(shelf.store('run'), dataset, notify);
  return {
    restore: async () => {
      const own = await foundImages(shelf, images);
      const { run, notes } = await foundRun(shelf);
      if (run) void takeUp(run);
      return { run, own: own.images, lasting: shelf.lasting, notes: [...own.notes, ...notes] };
    },
    takeImages: (dropped) => images.take(dropped),
    previewViews: async (settings, draw) => viewRows(settings, await dataset(settings), draw),
    ...runs,
    exportConfig: async (settings) => exportedConfig(settings, await dataset(settings)),
  };
}

/** The run of an earlier visit; one that cannot be read is kept where it cannot be overwritten, and told of. */
async function foundRun(shelf: Shelf) {
  const found = await findRun(shelf.store('run'));
  if ('run' in found) return found;
  const place = await setAside(shelf, 'run');
  const note = `The run of an earlier visit cannot be read (${found.unreadable}). Nothing of it was deleted: it is in ${place}.`;
  return { run: undefined, notes: [note] };
}

/** The images of an earlier visit, in the same way. */
async function foundImages(shelf: Shelf, images: OwnImageStore) {
  try {
    return { images: await images.found(), notes: [] };
  } catch {
    images.forget();
    const place = await setAside(shelf, 'images');
    const note = `Your images of an earlier visit cannot be read: drop them again. What was kept is in ${place}.`;
    return { images: undefined, notes: [note] };
  }
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
  const seen = async (run: OpenRun, source: MapSource) =>
    look(run, await engine.session(run.settings), await loadCheckpoint(store), source);
  /** Draws the map of the newest checkpoint, so that an earlier run can be looked at and exported without training. */
  const takeUp = async (saved: SavedRun) => {
    try {
      piece = { run: await prepare(saved.settings), changes: saved.changes };
      step = saved.step;
      await seen(piece.run, 'features');
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
    await clear(store);
    await go({ run: await prepare(settings), changes: [] }, false);
  };
  const showMap = async (source: MapSource) => {
    const { run } = required(piece);
    if (engine.going) run.map.show(source);
    else await seen(run, source);
  };
  const measure = async (settings: Settings) => {
    await halt();
    const run = await openRun(settings, await dataset(settings), () => undefined); // beside the one that is shown
    await measureMachine(run, (figures) => notify({ type: 'measured', figures })).finally(engine.reopen);
  };
  return {
    takeUp: (saved: SavedRun) => turns(() => takeUp(saved)),
    start: (settings: Settings) => turns(() => start(settings)),
    pause: () => turns(halt),
    resume: (settings: Settings) => turns(() => resume(settings)),
    showMap: (source: MapSource) => turns(() => showMap(source)),
    measure: (settings: Settings) => turns(() => measure(settings)),
    neighbours: async (sample: number) => neighboursOf(sample, piece?.run),
    exportOnnx: async () => exportedEncoder(required(piece).run, encoderWeights(await loadCheckpoint(store))),
    exportFeatures: () =>
      turns(async () => {
        const { run } = required(piece);
        const weights = encoderWeights(await loadCheckpoint(store));
        return exportedFeatures(run, await featuresOf(run, await engine.session(run.settings), weights));
      }),
  };
}

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

function required<T>(part: T | undefined): T {
  if (part !== undefined) return part;
  throw new UnlabelError('CHECKPOINT_NOT_FOUND', 'There is no run yet.', { fix: 'Train first.' });
}

/** Lets what changes a run happen one after the other, however quickly it is asked for. */
function inTurn(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
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
