import { listCheckpoints, type RunStore } from '@unlabel/core';
import { z } from 'zod';
import type { Change, SavedRun, ShownEvent } from './protocol';
import { registry } from './registry';
import type { Settings } from './settings';

const settingsFile = 'run.json';
const metricsFile = 'metrics.jsonl';
const version = 1; // raise it when what is written changes its meaning

const options = z.record(z.string(), z.unknown());
const settingsSchema = z.object({
  data: z.enum(['fashion-mnist', 'own']),
  images: z.int().positive(),
  method: z.string(),
  methodOptions: options,
  encoder: z.enum(['mlp', 'resnet', 'vit']),
  views: z.string(),
  viewOptions: options,
  epochs: z.int().positive(),
  batchSize: z.int().positive(),
  learningRate: z.number().nonnegative(),
  seed: z.int(),
  backend: z.enum(['auto', 'webgpu', 'onnx', 'wasm', 'cpu']),
}) satisfies z.ZodType<Settings>;

/** What a run is of, as it is written; files without a version are of the first. */
const savedSchema = z.object({
  version: z.literal(version).default(version),
  settings: settingsSchema.superRefine(({ method, methodOptions, views }, context) => {
    for (const complaint of unknownParts(method, methodOptions, views)) context.addIssue(complaint);
  }),
  changes: z.array(z.object({ step: z.int().nonnegative(), what: z.string() })),
});

const at = { step: z.int().nonnegative() };
const figures = z.record(z.string(), z.number());
/** Events as the log holds them, where a number that was not finite is `null`. */
const eventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    totalSteps: z.int(),
    epochs: z.int(),
    resumedFrom: z.int(),
    backend: z.string(),
  }),
  z.object({
    type: z.literal('step'),
    ...at,
    epoch: z.int(),
    loss: z.number(),
    terms: figures,
    scalars: figures,
    samplesPerSecond: z.number(),
    projectionStd: z.number(),
  }),
  z.object({ type: z.literal('epoch'), ...at, epoch: z.int(), meanLoss: z.number() }),
  z.object({ type: z.literal('report'), ...at, source: z.string(), figures }),
  z.object({ type: z.literal('warning'), ...at, source: z.string(), message: z.string() }),
]) satisfies z.ZodType<ShownEvent>;

/** The run of an earlier visit, or why it cannot be read. */
export type FoundRun =
  | { readonly run: SavedRun | undefined; readonly notes: readonly string[] }
  | { readonly unreadable: string };

/** Keeps what a run is of. */
export async function saveSettings(store: RunStore, settings: Settings, changes: readonly Change[]): Promise<void> {
  await store.write(settingsFile, new TextEncoder().encode(JSON.stringify({ version, settings, changes })));
}

/** The run that an earlier visit left; nothing where there is none from which training could go on. */
export async function findRun(store: RunStore): Promise<FoundRun> {
  const saved = await store.read(settingsFile);
  const newest = (await listCheckpoints(store)).at(-1);
  if (!saved || newest === undefined) return { run: undefined, notes: [] };
  const parsed = savedSchema.safeParse(jsonOf(new TextDecoder().decode(saved)));
  if (!parsed.success) return { unreadable: reasonOf(parsed.error) };
  const { settings, changes } = parsed.data;
  const step = Number(/(\d+)\.safetensors$/.exec(newest)?.[1] ?? 0);
  const { events, unread } = eventsOf(new TextDecoder().decode((await store.read(metricsFile)) ?? new Uint8Array()));
  const notes = unread > 0 ? [`${unread} measurements of the run cannot be read, and are not shown.`] : [];
  return {
    run: { settings, changes, step, events: events.filter((event) => !('step' in event) || event.step <= step) },
    notes,
  };
}

/** All events that can be read; a last line that was cut off is no loss. */
function eventsOf(log: string): { readonly events: readonly ShownEvent[]; readonly unread: number } {
  const lines = log.split('\n').filter((line) => line !== '');
  const parsed = lines.map((line) => eventSchema.safeParse(jsonOf(line)));
  const events = parsed.flatMap(({ data }) => data ?? []);
  const cut = !log.endsWith('\n') && parsed.at(-1)?.success === false ? 1 : 0;
  return { events, unread: parsed.length - events.length - cut };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What this version of the page does not have, or has with other options. */
function unknownParts(method: string, methodOptions: unknown, views: string): readonly string[] {
  const parts = [['objective', method, methodOptions] as const, ['augmentation', views, {}] as const];
  return parts.flatMap(([kind, name, given]) => {
    const definition = registry.definitions(kind).find((known) => known.name === name);
    if (!definition) return [`there is no ${kind} ${name} any more`];
    const problem = registry.find(kind, name).options.safeParse(given).error;
    return problem ? [`${name} has other options now: ${reasonOf(problem)}`] : [];
  });
}

function reasonOf({ issues: [first] }: z.ZodError): string {
  if (!first) return 'it is damaged';
  if (first.path[0] === 'version') return 'another version of this page wrote it';
  return [first.path.join('.'), first.message].filter(Boolean).join(': ');
}
