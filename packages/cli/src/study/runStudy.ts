import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { folderStore, listCheckpoints, UnlabelError } from '@unlabel/core';
import { parse, stringify } from 'yaml';
import { type Config, partOf } from '../config/configSchema';
import { loadConfig } from '../config/loadConfig';
import { type PlannedRun, planStudy } from './studyPlan';
import type { Study } from './studySchema';

/** How a study is carried out. */
export interface RunStudyOptions {
  /** The study's file, to which `base` is relative. */ readonly path: string;
  /** Folder of its runs and results (default: `runs/<name of the file>`). */ readonly out?: string;
  /** Ends running runs at their next step and starts no more. */ readonly signal?: AbortSignal;
  /** Hears of every run that ends. */ readonly onRun?: (run: StudyRun, ended: number, total: number) => void;
}

/** A run of a study and how it stands. */
export interface StudyRun extends PlannedRun {
  /** Path of its folder. */ readonly path: string;
  readonly state: 'finished' | 'failed' | 'unfinished';
  /** Last words of a run that failed. */ readonly error?: string;
  /** Whether it had finished before. */ readonly earlier: boolean;
}

/** Where a study keeps its runs and results. */
export function studyFolder({ path, out }: Pick<RunStudyOptions, 'path' | 'out'>): string {
  return out ?? join('runs', basename(path, extname(path)));
}

/**
 * Runs all runs of a study that have not finished, each in a process of its own; those that were broken off go on from
 * their checkpoints, those that failed are tried again, and one that fails does not end the others. All configs are checked
 * before the first begins.
 * @throws UnlabelError `CONFIG_INVALID`, `UNKNOWN_NAME`; `RUN_FOLDER_INVALID` where a folder holds a run of other settings
 */
export async function runStudy(study: Study, options: RunStudyOptions): Promise<readonly StudyRun[]> {
  const { signal, onRun = () => undefined } = options;
  const base = basePath(study, options.path);
  const parallel = Math.min(study.parallel, availableParallelism());
  const prepared: PreparedRun[] = [];
  for (const run of planStudy(study)) prepared.push(await prepare(run, base, studyFolder(options), parallel));
  const results = new Map<PreparedRun, StudyRun>();
  const waiting = [...prepared];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { finished, ...run } = next;
      const ended = finished
        ? { ...run, state: 'finished' as const, earlier: true }
        : signal?.aborted
          ? { ...run, state: 'unfinished' as const, earlier: false }
          : { ...run, ...(await runOne(run, base, signal)), earlier: false };
      results.set(next, ended);
      if (!signal?.aborted || ended.state !== 'unfinished') onRun(ended, results.size, prepared.length);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return prepared.flatMap((run) => results.get(run) ?? []);
}

interface PreparedRun extends PlannedRun {
  readonly path: string;
  readonly finished: boolean;
}

/** Checks a run's config, and whether what lies in its folder is of the same. */
async function prepare(run: PlannedRun, base: string, folder: string, parallel: number): Promise<PreparedRun> {
  const { config } = await loadConfig(base, { set: run.assignments });
  const path = join(folder, run.folder);
  const store = folderStore(path);
  const written = await store.read('config.yaml');
  if (written && !isDeepStrictEqual(comparable(parse(new TextDecoder().decode(written))), comparable(config))) {
    throw new UnlabelError('RUN_FOLDER_INVALID', `${path} holds a run of other settings than the study's.`, {
      fix: 'The study or its base has changed: name another folder with --out, or remove the runs that no longer fit.',
    });
  }
  const threads = threadAssignments(config, Math.max(1, Math.floor(availableParallelism() / parallel)), parallel);
  const finished = written !== undefined && (await store.read('report.json')) !== undefined;
  return { ...run, assignments: [...run.assignments, ...threads], path, finished };
}

/** A config without what does not change what a run comes to. */
function comparable(config: object): object {
  const { out: _, backend, report: __, ...rest } = { out: '', backend: 'auto', report: false, ...config };
  const name = typeof backend === 'string' ? backend : partOf(backend).name;
  const plain: object = parse(stringify(rest)); // as it comes back from a file
  return { ...plain, backend: name === 'auto' ? 'onnx' : name };
}

/** Runs side by side share the cores. */
function threadAssignments({ backend, training }: Config, threads: number, parallel: number): readonly string[] {
  const { name, options } = partOf(backend);
  if (parallel === 1) return [];
  const limited = name === 'auto' || name === 'onnx';
  return [
    ...(limited ? [`backend=${JSON.stringify({ threads, ...options, name: 'onnx' })}`] : []),
    ...(training.workers === undefined ? ['training.workers=1'] : []),
  ];
}

/** Runs the command on one run; what it says goes nowhere unless it fails. */
async function runOne(
  { path, assignments }: PlannedRun & { readonly path: string },
  base: string,
  signal: AbortSignal | undefined,
): Promise<Pick<StudyRun, 'state' | 'error'>> {
  const begun = (await listCheckpoints(folderStore(path))).length > 0;
  const args = ['pretrain', base, ...(begun ? ['--resume', path] : ['--out', path])];
  const flags = assignments.flatMap((assignment) => ['--set', assignment]);
  const child = spawn(process.execPath, [commandPath(), ...args, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = () => child.kill('SIGINT');
  signal?.addEventListener('abort', stop);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  }).finally(() => signal?.removeEventListener('abort', stop));
  if (code === 0) return { state: 'finished' };
  if (code === 130 || signal?.aborted) return { state: 'unfinished' };
  const lines = said.trim().split('\n');
  const from = lines.findLastIndex((line) => line.startsWith('error '));
  return {
    state: 'failed',
    error:
      lines
        .slice(from < 0 ? -3 : from)
        .join(' ')
        .trim() || `It ended with code ${code}.`,
  };
}

/** The built command of this package. */
function commandPath(): string {
  return join(dirname(require.resolve('@unlabel/cli/package.json')), 'dist', 'main.js');
}

const require = createRequire(import.meta.url);

function basePath({ base }: Study, studyPath: string): string {
  if (base === 'quickstart') return require.resolve('@unlabel/cli/recipes/fashion-mnist.yaml');
  return resolve(dirname(studyPath), base);
}
