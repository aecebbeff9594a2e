import { computed, effect, signal } from '@preact/signals';
import { type Client, RefusedRequest, startWorker } from '../run/client';
import type { MapSource } from '../run/embeddingMap';
import type {
  Change,
  DroppedFile,
  Failure,
  MapSamples,
  Neighbour,
  Notice,
  OwnImages,
  RunStatus,
  ShownEvent,
  ViewRow,
} from '../run/protocol';
import { firstSettings, type Settings } from '../run/settings';

/** A value and the step that it is of. */
export type Point = readonly [step: number, value: number];

/** What has been measured so far. */
export interface History {
  readonly loss: readonly Point[];
  readonly knn: readonly Point[];
  readonly rankMe: readonly Point[];
  /** Of the projections of a batch: 1 is healthy, 0 collapsed. */ readonly std: readonly Point[];
}

/** What the collapse monitor and others said. */
export interface Warning {
  readonly step: number;
  readonly message: string;
}

const nothing: History = { loss: [], knn: [], rankMe: [], std: [] };

export const settings = signal<Settings>(firstSettings());
/** The settings of the open run. */ export const running = signal<Settings | undefined>(undefined);
export const status = signal<RunStatus>('empty');
export const backend = signal<Extract<Notice, { type: 'backend' }> | undefined>(undefined);
export const history = signal<History>(nothing);
export const totalSteps = signal(0);
export const step = signal(0);
export const speed = signal(0);
export const warnings = signal<readonly Warning[]>([]);
export const changes = signal<readonly Change[]>([]);
export const failure = signal<Failure | undefined>(undefined);
export const notes = signal<readonly string[]>([]);
export const samples = signal<MapSamples | undefined>(undefined);
export const frame = signal<{ readonly step: number; readonly points: Float32Array } | undefined>(undefined);
export const mapSource = signal<MapSource>('features');
export const selected = signal<number | undefined>(undefined);
export const neighbours = signal<readonly Neighbour[]>([]);
export const own = signal<OwnImages | undefined>(undefined);
export const decoding = signal<{ readonly done: number; readonly of: number } | undefined>(undefined);
export const viewRows = signal<readonly ViewRow[]>([]);
export const saved = signal(false);

/** Whether a run is there whose parts must stay what they are. */
export const open = computed(() => running.value !== undefined);
export const busy = computed(
  () => status.value === 'running' || status.value === 'pausing' || status.value === 'preparing',
);

let client: Client | undefined;

/** Starts the worker and takes up what an earlier visit left. */
export async function begin(): Promise<void> {
  client = startWorker(take);
  await attempt(async ({ ask }) => {
    const found = await ask('restore');
    own.value = found.own;
    if (!found.run) return;
    settings.value = found.run.settings;
    running.value = found.run.settings;
    changes.value = found.run.changes;
    saved.value = true;
    for (const event of found.run.events) takeEvent(event);
    step.value = found.run.step;
    status.value = step.value >= totalSteps.value ? 'finished' : 'paused';
  });
  const seen = computed(() => {
    const { data, method, views, viewOptions } = settings.value;
    return JSON.stringify({ data, method, views, viewOptions, own: own.value?.count });
  });
  effect(() => {
    if (seen.value) void drawViews(0);
  });
  document.addEventListener('visibilitychange', noticeHiding);
}

let hiddenAt: number | undefined;

/** Says what happened while nobody could see it. */
function noticeHiding(): void {
  if (document.hidden) {
    hiddenAt = busy.value ? step.value : undefined;
  } else if (hiddenAt !== undefined) {
    notes.value = [`While this tab was hidden, training went from step ${hiddenAt} to ${step.value}.`];
  }
}

/** Changes what is chosen. */
export function choose(change: Partial<Settings>): void {
  settings.value = { ...settings.value, ...change };
}

export function start(): Promise<void> {
  forget();
  running.value = settings.value;
  return attempt(({ ask }) => ask('start', settings.value));
}

export function pause(): Promise<void> {
  return attempt(({ ask }) => ask('pause'));
}

/** Goes on from the newest checkpoint, with the method's options as they are now. */
export function resume(): Promise<void> {
  failure.value = undefined;
  running.value = settings.value;
  return attempt(({ ask }) => ask('resume', settings.value));
}

/** Leaves the run, so that all can be chosen anew. */
export async function startOver(): Promise<void> {
  await pause();
  forget();
  running.value = undefined;
  status.value = 'empty';
}

export function showMap(source: MapSource): Promise<void> {
  mapSource.value = source;
  return attempt(({ ask }) => ask('showMap', source));
}

export function lookAt(sample: number): Promise<void> {
  selected.value = sample;
  return attempt(async ({ ask }) => {
    neighbours.value = await ask('neighbours', sample);
  });
}

export function takeImages(files: readonly DroppedFile[]): Promise<void> {
  return attempt(async ({ ask }) => {
    failure.value = undefined;
    decoding.value = { done: 0, of: files.length };
    own.value = await ask('takeImages', files);
    decoding.value = undefined;
    chooseData('own');
  });
}

/** Photographs need larger views than pictures of 28 pixels. */
export function chooseData(data: Settings['data']): void {
  const size = data === 'own' && own.value?.channels === 3 ? 32 : 16;
  choose({ data, viewOptions: { ...settings.value.viewOptions, size } });
}

export function drawViews(draw: number): Promise<void> {
  return attempt(async ({ ask }) => {
    if (settings.peek().data === 'own' && !own.peek()) return;
    viewRows.value = await ask('previewViews', settings.peek(), draw);
  });
}

/** Makes a file in the worker and hands it to the browser to save. */
export function save(what: 'exportOnnx' | 'exportFeatures' | 'exportConfig', name: string): Promise<void> {
  return attempt(async ({ ask }) => {
    const content = what === 'exportConfig' ? await ask(what, settings.value) : await ask(what);
    const url = URL.createObjectURL(new Blob([content]));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
}

async function attempt(act: (client: Client) => Promise<void>): Promise<void> {
  if (!client) return;
  try {
    await act(client);
  } catch (error) {
    decoding.value = undefined;
    failure.value =
      error instanceof RefusedRequest
        ? error.failure
        : { code: 'UNEXPECTED', message: String(error), fix: 'Reload the page; what was saved is whole.' };
    if (status.value === 'preparing') status.value = saved.value ? 'paused' : 'empty';
    if (!saved.value) running.value = undefined;
  }
}

function forget(): void {
  history.value = nothing;
  [totalSteps.value, step.value, saved.value] = [0, 0, false];
  [warnings.value, changes.value, notes.value] = [[], [], []];
  [failure.value, frame.value, selected.value, samples.value] = [undefined, undefined, undefined, undefined];
  neighbours.value = [];
  mapSource.value = 'features';
}

function take(notice: Notice): void {
  if (notice.type === 'status') takeStatus(notice.status);
  else if (notice.type === 'backend') backend.value = notice;
  else if (notice.type === 'samples') samples.value = notice.samples;
  else if (notice.type === 'map') {
    frame.value = notice;
    if (selected.value !== undefined) void lookAt(selected.value);
  } else if (notice.type === 'decoding') decoding.value = notice;
  else if (notice.type === 'changes') changes.value = notice.changes;
  else if (notice.type === 'note') notes.value = [...notes.value, notice.text];
  else if (notice.type === 'failure') failure.value = notice.failure;
  else takeEvent(notice.event);
}

/** A run that failed before it left a checkpoint is none: all can be chosen anew. */
function takeStatus(now: RunStatus): void {
  if (now !== 'paused' || saved.value) {
    status.value = now;
    return;
  }
  running.value = undefined;
  status.value = 'empty';
}

function takeEvent(event: ShownEvent): void {
  if (event.type === 'start') {
    totalSteps.value = event.totalSteps;
    step.value = event.resumedFrom;
  }
  if (event.type === 'step') {
    step.value = event.step;
    speed.value = event.samplesPerSecond;
    add('loss', event.step, event.loss);
    add('std', event.step, event.projectionStd);
  }
  if (event.type === 'report') {
    const { knn, rankMe } = event.figures;
    if (knn !== undefined) add('knn', event.step, knn);
    if (rankMe !== undefined) add('rankMe', event.step, rankMe);
  }
  if (event.type === 'warning') warnings.value = [...warnings.value, event];
  if (event.type === 'checkpoint') saved.value = true;
}

function add(name: keyof History, at: number, value: number): void {
  const before = history.value[name];
  const kept = (before.at(-1)?.[0] ?? -1) < at ? before : before.filter(([other]) => other < at); // a run that went on
  history.value = { ...history.value, [name]: [...kept, [at, value]] };
}
