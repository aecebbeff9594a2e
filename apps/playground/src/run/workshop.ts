import { type Dataset, type HostTensors, loadCheckpoint, UnlabelError } from '@unlabel/core';
import { fashionMnist } from '@unlabel/data';
import { nearestSamples } from '@unlabel/eval';
import { type OpenedBackend, openBackend } from './backends';
import { exportedConfig, exportedEncoder, exportedFeatures, featuresOf, look } from './exports';
import { failureOf } from './failure';
import { type OpenRun, openRun, withSettings } from './openRun';
import { openImages } from './ownImages';
import { changesBetween } from './changes';
import type { Change, Notice, Requests, RunStatus, SavedRun } from './protocol';
import { clearRun, findRun, openShelf, saveSettings } from './savedRun';
import type { Settings } from './settings';
import { train } from './train';
import { viewRows } from './viewRows';

/** What answers the page, by the name of the request. */
export type Workshop = {
  readonly [Name in keyof Requests]: (...args: Parameters<Requests[Name]>) => Promise<ReturnType<Requests[Name]>>;
};

/** Opens all that trains; it lives in a worker, so that the page stays responsive. */
export async function openWorkshop(notify: (notice: Notice) => void): Promise<Workshop> {
  const shelf = await openShelf();
  const store = shelf.store('run');
  const images = openImages(shelf.store('images'), (done, of) => notify({ type: 'decoding', done, of }));
  let run: OpenRun | undefined;
  let changes: readonly Change[] = [];
  let backend: { readonly opened: OpenedBackend; readonly asked: string } | undefined;
  let going: { readonly controller: AbortController; readonly ended: Promise<void> } | undefined;
  let step = 0;
  const status = (now: RunStatus) => notify({ type: 'status', status: now });
  const fashion = once(() => fashionMnist());
  const dataset = (settings: Settings): Promise<Dataset> =>
    settings.data === 'fashion-mnist' ? fashion() : images.dataset();

  const session = async ({ backend: choice, encoder }: Settings) => {
    const asked = `${choice} for ${encoder}`;
    if (backend?.asked !== asked) {
      await backend?.opened.session.dispose();
      backend = { asked, opened: await openBackend(choice, encoder) };
      const { session: opened, detail, note } = backend.opened;
      notify({ type: 'backend', name: opened.backend, detail, note });
    }
    return backend.opened.session;
  };

  const go = (opened: OpenRun, resume: boolean) => {
    const controller = new AbortController();
    const work = async () => {
      try {
        status('running');
        const finished = await train(opened, {
          session: await session(opened.settings),
          store,
          resume,
          signal: controller.signal,
          onEvent: (event) => {
            if ('step' in event) step = event.step;
            notify({ type: 'event', event });
          },
        });
        status(finished ? 'finished' : 'paused');
      } catch (error) {
        backend = undefined; // what failed may be the device
        notify({ type: 'failure', failure: failureOf(error) });
        status('paused');
      }
    };
    going = { controller, ended: work() };
  };
  const halt = async () => {
    going?.controller.abort();
    await going?.ended;
    going = undefined;
  };
  const weights = async (): Promise<HostTensors> => {
    const { state } = await loadCheckpoint(store);
    return encoderOf(state);
  };

  const prepare = async (settings: Settings) => {
    status('preparing');
    return openRun(settings, await dataset(settings), notify);
  };
  /** Draws the map of the newest checkpoint, so that an earlier run can be looked at and exported without training. */
  const takeUp = async (saved: SavedRun) => {
    try {
      const opened = await prepare(saved.settings);
      [run, changes, step] = [opened, saved.changes, saved.step];
      await look(opened, await session(saved.settings), await weights(), saved.step);
    } catch (error) {
      notify({ type: 'failure', failure: failureOf(error) });
    }
    status(saved.step >= totalSteps(saved) ? 'finished' : 'paused');
  };
  const turns = inTurn();

  return {
    restore: async () => {
      const [saved, own] = [await findRun(store), await images.found()];
      if (saved) void turns(() => takeUp(saved));
      if (!shelf.lasting) notify({ type: 'note', text: notLasting });
      return { run: saved, own };
    },
    takeImages: (files) => images.take(files),
    previewViews: async (settings, draw) => viewRows(settings, await dataset(settings), draw),
    start: (settings) =>
      turns(async () => {
        await halt();
        run = undefined;
        await clearRun(store);
        const opened = await prepare(settings);
        [run, changes, step] = [opened, [], 0];
        await saveSettings(store, settings, changes);
        go(opened, false);
      }),
    pause: () =>
      turns(async () => {
        if (going) status('pausing');
        await halt();
      }),
    resume: (settings) =>
      turns(async () => {
        if (going) status('pausing');
        await halt();
        const before = run;
        const opened = before ? await withSettings(before, settings) : await prepare(settings);
        const changed = before ? changesBetween(before.settings, settings) : [];
        [run, changes] = [opened, [...changes, ...changed.map((what) => ({ step, what }))]];
        await saveSettings(store, settings, changes);
        notify({ type: 'changes', changes });
        go(opened, true);
      }),
    neighbours: async (sample) => {
      const features = run?.map.latest;
      if (!features) throw nothingYet();
      const [row] = nearestSamples(features, [sample], Math.min(8, features.count - 1));
      return row?.nearest ?? [];
    },
    exportOnnx: async () => exportedEncoder(requireRun(run), await weights()),
    exportFeatures: async () => {
      const open = requireRun(run);
      return exportedFeatures(open, await featuresOf(open, await session(open.settings), await weights()));
    },
    exportConfig: async (settings) => exportedConfig(settings, await dataset(settings)),
  };
}

const notLasting =
  'This browser keeps no files for this page (a private window, or one that is not served over https): a run is lost when the page is closed or reloaded.';

/** Steps of the whole run, as its last beginning told. */
function totalSteps({ events }: SavedRun): number {
  const start = events.findLast((event) => event.type === 'start');
  return start?.type === 'start' ? start.totalSteps : 0;
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

/** The encoder's variables of a run's state by their own names. */
function encoderOf(state: HostTensors): HostTensors {
  const named = Object.entries(state).filter(([name]) => name.startsWith('encoder/'));
  return Object.fromEntries(named.map(([name, tensor]) => [name.slice('encoder/'.length), tensor]));
}

function requireRun(run: OpenRun | undefined): OpenRun {
  if (run) return run;
  throw nothingYet();
}

function nothingYet(): UnlabelError {
  return new UnlabelError('CHECKPOINT_NOT_FOUND', 'There is no run yet.', { fix: 'Train first.' });
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
