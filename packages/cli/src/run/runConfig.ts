import { createEmbedder, type HostTensors, type RunStore, type TrainingEvent, UnlabelError } from '@unlabel/core';
import { type Config, partOf } from '../config/configSchema';
import type { LoadedConfig } from '../config/loadConfig';
import { environmentOf } from '../report/runRecord';
import { assemble, type RunParts } from './assemble';
import { exportEncoder } from './exportEncoder';
import { type Measured, type Measurement, measurePixels, openMeasurement } from './measure';
import { type OpenedBackend, openBackend } from './openBackend';
import { takeRunFolder, writeReport } from './runFolder';
import { type EndEvent, train, untrainedWeights } from './train';
import { watchTraining } from './watchTraining';

/** What `runConfig` may be told. */
export interface RunConfigOptions {
  /** The run folder (default: the config's `out`, else `runs/<objective>-<time>`). */ readonly out?: string;
  /** Continue from the newest whole checkpoint of the run folder (default false). */ readonly resume?: boolean;
  /** Ends the run after the present step, with a checkpoint, or after the present evaluator. */ readonly signal?: AbortSignal;
  /** Sees every event of training. */ readonly onEvent?: (event: TrainingEvent) => void;
  /** Sees what happens around training, as sentences. */ readonly onNote?: (note: string) => void;
}

/** What a run came to. */
export interface RunResult {
  readonly folder: string;
  /** Whether the signal ended it before all was trained and measured. */ readonly aborted: boolean;
  readonly steps: number;
  /** Wall-clock of training. */ readonly trainingSeconds: number;
  /** Of these, spent waiting for data. */ readonly waitedSeconds: number;
  /** Of these, spent in logs and online evaluation. */ readonly callbackSeconds: number;
  /** Baselines first, the trained encoder last; empty without `evaluation` in the config or when aborted. */
  readonly evaluation: readonly Measured[];
  /** Names of images that could not be read, in training or evaluation. */ readonly unreadable: readonly string[];
  /** Versions, machine, backend and seed. */ readonly environment: Readonly<Record<string, string>>;
}

/**
 * Carries out a config: baselines, training, export, evaluation. Everything it makes lies in the run folder.
 * @throws UnlabelError of whatever fails; what was saved before stays whole
 */
export async function runConfig(loaded: LoadedConfig, options: RunConfigOptions = {}): Promise<RunResult> {
  const { config, registry } = loaded;
  const { onNote = () => undefined, onEvent = () => undefined, resume = false, signal } = options;
  const folder = options.out ?? config.out ?? defaultFolder(config);
  const parts = await assemble(loaded);
  const measurement = await openMeasurement(registry, config, signal);
  const store = await takeRunFolder(folder, { ...config, out: folder }, resume);
  const backend = await openBackend(registry, config.backend);
  onNote(`Backend ${backend.session.backend}: ${backend.why}.`);
  try {
    if (measurement) onNote(describeBaselines(measurement));
    const baselines = await unlessEnded(signal, () => measureBaselines(config, parts, backend, measurement));
    const callbacks = await watchTraining(config, measurement, parts.plainView);
    const end = await train(config, parts, { backend, store, callbacks, resume, onEvent, ...(signal && { signal }) });
    const measured = end.aborted
      ? undefined
      : await unlessEnded(signal, () => finish(config, parts, backend, store, end, measurement));
    const environment = environmentOf(backend.session.backend, config.training.seed);
    if (!measured) return resultOf(folder, { ...end, aborted: true }, [], environment);
    const result = resultOf(folder, end, [...(baselines ?? []), ...measured], environment);
    await writeReports(loaded, parts, backend, store, end, result);
    return result;
  } finally {
    await backend.session.dispose();
  }
}

/** What `act` gives; `undefined` where the signal ended it. */
async function unlessEnded<T>(signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (signal?.aborted && UnlabelError.is(error) && error.code === 'ABORTED') return undefined;
    throw error;
  }
}

function describeBaselines({ bank, test }: Measurement): string {
  const counts = `${bank.length.toLocaleString('en')} and ${test.length.toLocaleString('en')}`;
  return `Measuring raw pixels and the untrained encoder on ${counts} images …`;
}

async function measureBaselines(
  config: Config,
  parts: RunParts,
  backend: OpenedBackend,
  measurement: Measurement | undefined,
): Promise<readonly Measured[]> {
  if (!measurement) return [];
  return [
    await measurePixels(measurement, parts.pixelView),
    await measureWeights(
      'untrained encoder',
      untrainedWeights(parts, config.training.seed),
      parts,
      backend,
      measurement,
    ),
  ];
}

/** Exports the encoder, then measures it. */
async function finish(
  config: Config,
  parts: RunParts,
  backend: OpenedBackend,
  store: RunStore,
  { weights }: EndEvent,
  measurement: Measurement | undefined,
): Promise<readonly Measured[]> {
  await exportEncoder(store, config, parts, weights);
  return measurement ? [await measureWeights('trained encoder', weights, parts, backend, measurement, true)] : [];
}

/** @param trainable whether evaluators may train the network on: they take long, and are asked of the trained one alone */
async function measureWeights(
  title: string,
  weights: HostTensors,
  { encoder, plainView, views }: RunParts,
  { session }: OpenedBackend,
  measurement: Measurement,
  trainable = false,
): Promise<Measured> {
  const embedder = await createEmbedder(session, encoder, weights);
  const network = trainable ? { encoder, weights, session, views } : undefined;
  try {
    return await measurement.measure(title, plainView, embedder.embed, network);
  } finally {
    embedder.dispose();
  }
}

/** report.json, and unless the config says otherwise report.html. */
async function writeReports(
  { config, registry }: LoadedConfig,
  parts: RunParts,
  { session }: OpenedBackend,
  store: RunStore,
  { weights }: EndEvent,
  result: RunResult,
): Promise<void> {
  await writeReport(store, result);
  if (!config.report) return;
  const [{ lookAtImages }, { readRunRecord }, { writeRunReport }] = await Promise.all([
    import('../report/runImages'),
    import('../report/runRecord'),
    import('../report/writeRunReport'),
  ]);
  const { embed, dispose } = await createEmbedder(session, parts.encoder, weights);
  try {
    const { outcome } = await readRunRecord(result.folder);
    const eyes = { config, registry, parts, session, embed, measured: outcome?.evaluation.at(-1) };
    await writeRunReport(result.folder, await lookAtImages(eyes));
  } finally {
    dispose();
  }
}

function resultOf(
  folder: string,
  end: EndEvent,
  evaluation: readonly Measured[],
  environment: RunResult['environment'],
): RunResult {
  const { aborted, step, seconds, waitedSeconds, callbackSeconds, unreadable } = end;
  return {
    folder,
    aborted,
    steps: step,
    trainingSeconds: seconds,
    waitedSeconds,
    callbackSeconds,
    evaluation,
    unreadable: [...new Set([...unreadable.map(({ name }) => name), ...evaluation.flatMap((row) => row.unreadable)])],
    environment,
  };
}

function defaultFolder({ objective }: Config): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  return `runs/${partOf(objective).name}-${time}`;
}
