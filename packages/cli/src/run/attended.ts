import type { LoadedConfig } from '../config/loadConfig';
import { compareWith, evaluationTable, evaluationVerdicts, evaluationWarnings } from '../output/evaluationTable';
import { createProgress } from '../output/progress';
import { counted, duration } from '../output/table';
import { listenForInterruption } from './interruption';
import { type RunResult, runConfig } from './runConfig';
import { resumeCommand } from './runFolder';

/** How a command runs a config for a person at a terminal. */
export interface AttendedOptions {
  readonly out?: string;
  readonly resume?: boolean;
}

/** Runs a config with live progress, Ctrl-C and a printed result; sets the process's exit code to 130 when interrupted. */
export async function runAttended(loaded: LoadedConfig, options: AttendedOptions = {}): Promise<void> {
  const started = performance.now();
  const progress = createProgress({ stream: process.stderr });
  const interruption = listenForInterruption((message) => process.stderr.write(`\n${message}\n`));
  try {
    const result = await runConfig(loaded, {
      ...options,
      signal: interruption.signal,
      onEvent: progress.show,
      onNote: (note) => process.stderr.write(`${note}\n`),
    });
    progress.stop();
    if (result.aborted) sayInterrupted(result);
    else console.log(summary(result, (performance.now() - started) / 1000, loaded.config.report));
  } finally {
    progress.stop();
    interruption.dispose();
  }
}

function sayInterrupted({ folder, steps }: RunResult): void {
  console.log(`Stopped after step ${steps}; everything up to there is saved. To go on:\n  ${resumeCommand(folder)}`);
  process.exitCode = 130;
}

function summary(result: RunResult, wallSeconds: number, withPage: boolean): string {
  const { folder, evaluation, trainingSeconds, waitedSeconds, callbackSeconds, unreadable } = result;
  const trained = evaluation.at(-1);
  const words = trained ? evaluation.slice(0, -1).flatMap((baseline) => compareWith(baseline, trained)) : [];
  const said = trained ? [...evaluationVerdicts([trained]), ...evaluationWarnings(evaluation)] : [];
  const waited = ((100 * waitedSeconds) / trainingSeconds).toFixed(1);
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  return [
    ...(trained ? ['', evaluationTable(evaluation), '', ...words, ...said, ''] : ['']),
    `Training ${duration(trainingSeconds)}, of which ${waited} % waiting for data and ${callbackSeconds.toFixed(1)} s on logs and online evaluation.`,
    `Wall-clock ${duration(wallSeconds)}; peak memory ${peak} MiB.`,
    ...(unreadable.length > 0
      ? [
          `${counted(unreadable.length)} could not be read: ${unreadable.slice(0, 5).join(', ')}${unreadable.length > 5 ? ', …' : ''}.`,
        ]
      : []),
    `Run folder: ${folder} (config, metrics, checkpoints, encoder.onnx, encoder.safetensors, report.json${withPage ? ', report.html' : ''}).`,
  ].join('\n');
}
