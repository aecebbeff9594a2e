import { cpus } from 'node:os';
import { folderStore, UnlabelError } from '@unlabel/core';
import { parse } from 'yaml';
import { z } from 'zod';
import manifest from '../../package.json' with { type: 'json' };

const figures = z.record(z.string(), z.number());

/** What evaluators left in their notes that pages show; anything else is let be. */
const notes = z.object({
  details: z
    .object({
      confusionMatrix: z.array(z.array(z.number())).exactOptional().catch([]),
      perClassAccuracy: z.array(z.number().nullable()).exactOptional().catch([]),
    })
    .catch({}),
});

const measured = z.object({
  features: z.string(),
  figures: z.record(z.string(), figures),
  notes: z.record(z.string(), notes).default({}),
  testCount: z.int().nonnegative(),
  geometry: z.object({ rankMe: z.number(), featureStd: z.number(), count: z.int(), dim: z.int() }).exactOptional(),
});

const outcome = z.object({
  steps: z.int().nonnegative(),
  trainingSeconds: z.number(),
  waitedSeconds: z.number(),
  callbackSeconds: z.number(),
  evaluation: z.array(measured),
  unreadable: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
});

const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), totalSteps: z.int(), epochs: z.int(), backend: z.string() }),
  z.object({
    type: z.literal('step'),
    step: z.int(),
    loss: z.number(),
    terms: figures,
    scalars: figures,
    samplesPerSecond: z.number(),
    projectionStd: z.number(),
  }),
  z.object({ type: z.literal('report'), step: z.int(), source: z.string(), figures }),
  z.object({ type: z.literal('warning'), step: z.int(), source: z.string(), message: z.string() }),
]);

/** What a run's `report.json` says. */
export type RunOutcome = z.output<typeof outcome>;
type LoggedEvent = z.output<typeof event>;
/** An event of one type, as a run's metrics hold it. */
export type Logged<Type extends LoggedEvent['type']> = Extract<LoggedEvent, { type: Type }>;

/** What lies in a run's folder, read leniently: runs that others made, broke off or are at work belong in reports, too. */
export interface RunRecord {
  readonly folder: string;
  /** The config as it was written. */ readonly config: string;
  /** Name of its objective. */ readonly method: string;
  /** Name of its data set. */ readonly dataset: string;
  readonly start?: Logged<'start'>;
  readonly steps: readonly Logged<'step'>[];
  readonly reports: readonly Logged<'report'>[];
  readonly warnings: readonly Logged<'warning'>[];
  /** What it came to; missing until it has finished. */ readonly outcome?: RunOutcome;
}

/**
 * Reads a run's folder.
 * @throws UnlabelError `RUN_FOLDER_INVALID` where there is no config, or a report that no run has written
 */
export async function readRunRecord(folder: string): Promise<RunRecord> {
  const store = folderStore(folder);
  const read = async (path: string) => {
    const bytes = await store.read(path);
    return bytes && new TextDecoder().decode(bytes);
  };
  const config = await read('config.yaml');
  if (config === undefined) {
    throw new UnlabelError('RUN_FOLDER_INVALID', `${folder} is not a run folder: it has no config.yaml.`, {
      fix: 'Name the folder that `unlabel pretrain` printed.',
    });
  }
  const events = eventsOf((await read('metrics.jsonl')) ?? '');
  const ofType = <Type extends LoggedEvent['type']>(type: Type) =>
    events.filter((logged): logged is Logged<Type> => logged.type === type);
  const start = ofType('start').at(-1);
  const report = await read('report.json');
  return {
    folder,
    config,
    ...namesIn(config),
    ...(start && { start }),
    steps: ofType('step'),
    reports: ofType('report'),
    warnings: ofType('warning'),
    ...(report !== undefined && { outcome: parseOutcome(report, folder) }),
  };
}

/** Versions and machine of this process, for the run's report. */
export function environmentOf(backend: string, seed: number): Readonly<Record<string, string>> {
  const processors = cpus();
  return {
    unlabel: manifest.version,
    node: process.version,
    machine: `${process.platform} ${process.arch}, ${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}`,
    backend,
    seed: String(seed),
    finished: new Date().toISOString().slice(0, 19).replace('T', ' '),
  };
}

/** Lines that are no such event, or were cut off by a crash, are left out. */
function eventsOf(text: string): readonly LoggedEvent[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      const parsed = event.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}

function parseOutcome(text: string, folder: string): RunOutcome {
  try {
    return outcome.parse(JSON.parse(text));
  } catch (cause) {
    throw new UnlabelError('RUN_FOLDER_INVALID', `${folder}/report.json is not what a run writes.`, {
      fix: 'Evaluate the run again, or leave its folder out.',
      cause,
    });
  }
}

const named = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]).catch('unknown');
const names = z
  .object({ objective: named, data: z.object({ dataset: named }).catch({ dataset: 'unknown' }) })
  .catch({ objective: 'unknown', data: { dataset: 'unknown' } });

function namesIn(config: string): Pick<RunRecord, 'method' | 'dataset'> {
  const { objective, data } = names.parse(parse(config));
  return { method: objective, dataset: data.dataset };
}
