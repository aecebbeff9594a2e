import { computed, effect, signal } from '@preact/signals';
import { type Client, RefusedRequest, startWorker } from '../run/client';
import type { MapSource } from '../run/embeddingMap';
import type {
  Change,
  DroppedFiles,
  Failure,
  MachineFigures,
  MapSamples,
  Neighbour,
  Notice,
  OwnImages,
  RunStatus,
  SavedRun,
  ShownEvent,
  ViewRow,
} from '../run/protocol';
import { firstSettings, type Settings } from '../run/settings';
import { type History, nothing, withPoint } from './history';

/** What the collapse monitor and others said. */
export interface Warning {
  readonly step: number;
  readonly message: string;
}

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
/** The step of the newest checkpoint. */ export const savedStep = signal<number | undefined>(undefined);
export const saved = computed(() => savedStep.value !== undefined);
/** Whether what is saved outlasts the page. */ export const lasting = signal(true);
/** Files found so far while folders are looked through. */ export const listing = signal<number | undefined>(
  undefined,
);
export const reading = computed(() => listing.value !== undefined || decoding.value !== undefined);
/** Until the worker has told of an earlier visit, whose run would take the place of a new one. */ export const restoring =
  signal(true);
export const measuring = signal(false);
export const figures = signal<MachineFigures | undefined>(undefined);

/** Whether a run is there whose parts must stay what they are. */
export const open = computed(() => running.value !== undefined);
export const busy = computed(
  () => status.value === 'running' || status.value === 'pausing' || status.value === 'preparing',
);

let client: Client | undefined;
let mayReplace = false; // the worker, once for each time that training was asked for

/** What leaves a worker's memory or its device in a state that nothing can be computed in any more. */
const beyondRepair = ['OUT_OF_MEMORY', 'DEVICE_OUT_OF_MEMORY', 'DEVICE_FAULT', 'WORKER_FAILED', 'UNEXPECTED'];

/** Starts the worker and takes up what an earlier visit left. */
export async function begin(): Promise<void> {
  await openWorker();
  const seen = computed(() => {
    const { data, method, views, viewOptions } = settings.value;
    return JSON.stringify({ data, method, views, viewOptions, own: own.value?.count });
  });
  effect(() => {
    if (seen.value) void drawViews(0);
  });
  document.addEventListener('visibilitychange', noticeHiding);
}

/** Ends when the worker has told of an earlier visit. */
let restored: Promise<void> = Promise.resolve();

function openWorker(): Promise<void> {
  client?.end();
  restoring.value = true;
  client = startWorker(take);
  restored = restore();
  return restored;
}

async function restore(): Promise<void> {
  await attempt(async ({ ask }) => {
    const found = await ask('restore');
    own.value = found.own;
    lasting.value = found.lasting;
    notes.value = [...found.notes, ...(found.lasting ? [] : [notLasting])];
    if (found.run) takeRun(found.run);
    else leaveRun();
  });
  restoring.value = false;
}

function takeRun(run: SavedRun): void {
  settings.value = run.settings;
  running.value = run.settings;
  changes.value = run.changes;
  [history.value, warnings.value] = [nothing, []];
  for (const event of run.events) takeEvent(event);
  [step.value, savedStep.value] = [run.step, run.step];
  status.value = step.value >= totalSteps.value ? 'finished' : 'paused';
}

function leaveRun(): void {
  running.value = undefined;
  status.value = 'empty';
}

const notLasting =
  'This browser keeps no files for this page (a private window, or one that is not served over https): a run is lost when the page is closed or reloaded.';

/** Shows what went wrong while training, and starts the worker anew where it is of no use any more. */
function takeFailure(problem: Failure): void {
  failure.value = problem;
  if (!mayReplace || !lasting.value || !beyondRepair.includes(problem.code)) return;
  mayReplace = false;
  void openWorker();
}

const whileHidden = 'While this tab was hidden,';
let hiddenAt: number | undefined;

/** Says what happened while nobody could see it. */
function noticeHiding(): void {
  if (document.hidden) {
    hiddenAt = busy.value ? step.value : undefined;
  } else if (hiddenAt !== undefined) {
    const others = notes.value.filter((note) => !note.startsWith(whileHidden));
    notes.value = [...others, `${whileHidden} training went from step ${hiddenAt} to ${step.value}.`];
  }
}

/** Changes what is chosen. */
export function choose(change: Partial<Settings>): void {
  settings.value = { ...settings.value, ...change };
}

export async function start(): Promise<void> {
  forget();
  await train('start');
}

export function pause(): Promise<boolean> {
  return attempt(({ ask }) => ask('pause'));
}

/** Goes on from the newest checkpoint, with the method's options as they are now. */
export async function resume(): Promise<void> {
  failure.value = undefined;
  await train('resume');
}

async function train(how: 'start' | 'resume'): Promise<void> {
  running.value = settings.value;
  mayReplace = true;
  if (await attempt(({ ask }) => ask(how, settings.value))) return;
  if (saved.value) status.value = 'paused';
  else leaveRun();
}

/** Leaves the run, so that all can be chosen anew. */
export async function startOver(): Promise<void> {
  await pause();
  forget();
  leaveRun();
}

export function showMap(source: MapSource): Promise<boolean> {
  mapSource.value = source;
  return attempt(({ ask }) => ask('showMap', source));
}

export function lookAt(sample: number): Promise<boolean> {
  selected.value = sample;
  return attempt(async ({ ask }) => {
    neighbours.value = await ask('neighbours', sample);
  });
}

/** Whether images cannot be taken now, which is then said. */
function refusesImages(): boolean {
  if (!open.value && !reading.value) return false;
  const [reason, fix] = open.value
    ? ['A run is open.', 'Press Start over, then drop them again.']
    : ['Other images are being read.', 'Drop these when that is done.'];
  failure.value = { code: 'IMAGES_NOT_TAKEN', message: `The images were not taken. ${reason}`, fix };
  return true;
}

/** Takes what was dropped on the page. @param list finds its files while the event lasts, and tells how many there are */
export async function takeDrop(list: (onFound: (count: number) => void) => Promise<DroppedFiles>): Promise<void> {
  if (refusesImages()) return;
  await attempt(async () => {
    listing.value = 0;
    const dropped = await list((count) => {
      listing.value = count;
    });
    await restored;
    listing.value = undefined;
    if (refusesImages()) return; // a run of an earlier visit
    if (dropped.files.length + dropped.unopened.length > 0) await takeImages(dropped); // not a text, or a link
  });
}

export function takeImages(dropped: DroppedFiles): Promise<boolean> {
  return attempt(async ({ ask }) => {
    failure.value = undefined;
    decoding.value = { done: 0, of: dropped.files.length };
    own.value = await ask('takeImages', dropped);
    decoding.value = undefined;
    chooseData('own');
  });
}

/** Measures what the run that is chosen takes on this machine. */
export async function measure(): Promise<void> {
  [figures.value, measuring.value, failure.value] = [undefined, true, undefined];
  await attempt(({ ask }) => ask('measure', settings.value));
  measuring.value = false;
}

/** Photographs need larger views than pictures of 28 pixels. */
export function chooseData(data: Settings['data']): void {
  const size = data === 'own' && own.value?.channels === 3 ? 32 : 16;
  choose({ data, viewOptions: { ...settings.value.viewOptions, size } });
}

export function drawViews(draw: number): Promise<boolean> {
  return attempt(async ({ ask }) => {
    if (settings.peek().data === 'own' && !own.peek()) return;
    viewRows.value = await ask('previewViews', settings.peek(), draw);
  });
}

/** Makes a file in the worker and hands it to the browser to save. */
export function save(what: 'exportOnnx' | 'exportFeatures' | 'exportConfig', name: string): Promise<boolean> {
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

/** @returns whether it went well; what went wrong is shown */
async function attempt(act: (client: Client) => Promise<void>): Promise<boolean> {
  if (!client) return false;
  try {
    await act(client);
    return true;
  } catch (error) {
    [decoding.value, listing.value] = [undefined, undefined];
    failure.value =
      error instanceof RefusedRequest
        ? error.failure
        : { code: 'UNEXPECTED', message: String(error), fix: 'Reload the page; what was saved is whole.' };
    return false;
  }
}

function forget(): void {
  history.value = nothing;
  [totalSteps.value, step.value, savedStep.value] = [0, 0, undefined];
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
  else if (notice.type === 'failure') takeFailure(notice.failure);
  else if (notice.type === 'measured') figures.value = notice.figures;
  else takeEvent(notice.event);
}

/** A run that failed before it left a checkpoint is none: all can be chosen anew. */
function takeStatus(now: RunStatus): void {
  if (now !== 'paused' || saved.value) status.value = now;
  else leaveRun();
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
  if (event.type === 'checkpoint') savedStep.value = event.step;
}

function add(name: keyof History, at: number, value: number): void {
  history.value = withPoint(history.value, name, at, value);
}
