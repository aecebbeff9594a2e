import type { TrainingEvent } from '@unlabel/core';
import { SingleBar } from 'cli-progress';
import { duration, percent } from './table';

/** Shows a training run as it goes. */
export interface Progress {
  show(event: TrainingEvent): void;
  stop(): void;
}

/** Where and how progress is shown. */
export interface ProgressOptions {
  /** A terminal gets one live line, anything else one line an epoch. */
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** What the display knows at a moment. */
interface Status {
  epochs: number;
  totalSteps: number;
  resumedFrom: number;
  started: number;
  /** The last report of each watcher by its source, such as `kNN 78.25 %`. */ figures: Record<string, string>;
  last?: StepEvent;
  /** A smoothed rate. */ samplesPerSecond: number;
}

type StepEvent = Extract<TrainingEvent, { type: 'step' }>;

/** Opens the display: a live line on a terminal, plain lines elsewhere. */
export function createProgress({ stream }: ProgressOptions): Progress {
  const status = newStatus();
  return stream.isTTY ? liveLine(stream, status) : plainLines(stream, status);
}

function liveLine(stream: NodeJS.WritableStream, status: Status): Progress {
  const bar = new SingleBar({
    stream,
    hideCursor: true,
    clearOnComplete: true,
    fps: 8,
    format: (_, { progress }) => `${gauge(progress)} ${describe(status)}`,
  });
  return {
    show: (event) => {
      follow(status, event);
      if (event.type === 'start') bar.start(event.totalSteps, event.resumedFrom);
      if (event.type === 'step') bar.update(event.step);
      if (event.type === 'warning') stream.write(`\r\u001b[K${warning(event)}\n`);
      if (event.type === 'end') bar.stop();
    },
    stop: () => bar.stop(),
  };
}

function plainLines(stream: NodeJS.WritableStream, status: Status): Progress {
  let pending = false; // an epoch's line waits for the reports that follow the epoch
  const flush = () => {
    if (pending) stream.write(`${describe(status)}\n`);
    pending = false;
  };
  return {
    show: (event) => {
      if (event.type === 'step' || event.type === 'end') flush();
      follow(status, event);
      if (event.type === 'epoch') pending = true;
      if (event.type === 'warning') stream.write(`${warning(event)}\n`);
    },
    stop: flush,
  };
}

function newStatus(): Status {
  return { epochs: 0, totalSteps: 0, resumedFrom: 0, started: performance.now(), figures: {}, samplesPerSecond: 0 };
}

function follow(status: Status, event: TrainingEvent): void {
  if (event.type === 'start') {
    const { epochs, totalSteps, resumedFrom } = event;
    Object.assign(status, { epochs, totalSteps, resumedFrom, started: performance.now() });
  }
  if (event.type === 'step') {
    status.last = event;
    const before = status.samplesPerSecond || event.samplesPerSecond;
    status.samplesPerSecond = 0.9 * before + 0.1 * event.samplesPerSecond;
  }
  if (event.type === 'report') status.figures[event.source] = figuresOf(event);
}

function describe(status: Status): string {
  const { last, epochs, totalSteps, resumedFrom, started, figures, samplesPerSecond } = status;
  if (!last) return 'preparing';
  const elapsed = (performance.now() - started) / 1000;
  const left = (elapsed / (last.step - resumedFrom)) * (totalSteps - last.step);
  const terms = Object.entries(last.terms).map(([name, value]) => `${name} ${value.toFixed(3)}`);
  return [
    `epoch ${last.epoch + 1}/${epochs}`,
    `step ${last.step}/${totalSteps}`,
    `loss ${last.loss.toFixed(3)}${terms.length > 1 ? ` (${terms.join(', ')})` : ''}`,
    `${Math.round(samplesPerSecond).toLocaleString('en')} images/s`,
    ...Object.values(figures).filter((text) => text !== ''),
    `ETA ${duration(left)}`,
  ].join('  ');
}

/** What a person wants to follow while it runs: everything else, and what it costs, belongs to the metrics. */
const followed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'best-checkpoint': {},
  'collapse-monitor': { rankMe: 'RankMe' },
  'online-knn': { knn: 'kNN' },
  'online-probe': { accuracy: 'probe' },
};
const accuracies: readonly string[] = ['knn', 'accuracy'];

/** Accuracies in percent, other figures as they are; of unknown watchers all but their cost. */
function figuresOf({ source, figures }: Extract<TrainingEvent, { type: 'report' }>): string {
  const names = followed[source];
  return Object.entries(figures)
    .filter(([name]) => (names ? name in names : name !== 'timeShare'))
    .map(([name, value]) => {
      const title = names?.[name] ?? name;
      return accuracies.includes(name) ? `${title} ${percent(value)} %` : `${title} ${value.toPrecision(3)}`;
    })
    .join('  ');
}

function warning({ source, message }: Extract<TrainingEvent, { type: 'warning' }>): string {
  return `warning (${source}): ${message}`;
}

function gauge(share: number): string {
  const filled = Math.round(20 * share);
  return '█'.repeat(filled) + '░'.repeat(20 - filled);
}
