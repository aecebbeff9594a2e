import type { Cost } from './cost';
import type { Explanation, PassSummary } from './explain';
import { columns, gigaflops, megabytes } from './figures';
import type { GraphSummary, OperatorSummary } from './summary';

type Figures = Omit<Explanation, 'text' | 'toString'>;

/** An explanation as tables: what each pass did, and what the operators that remain cost. */
export function explanationText(explanation: Figures): string {
  const { milliseconds, modelBytes, after } = explanation;
  const times = Object.entries(milliseconds).map(([name, time]) => `${name} ${time.toFixed(0)}`);
  const startUp = `Start-up in ms: ${times.join(', ')}. The model takes ${megabytes(modelBytes)} MB;`;
  return [
    columns([['pass', 'nodes', 'GFLOP', 'MB moved', 'ms', 'what it did'], ...passRows(explanation)]),
    columns([['operator', 'nodes', 'GFLOP', 'MB moved'], ...operatorRows(after)]),
    legend(explanation),
    `${startUp} its results, at most ${megabytes(after.peakBytes)} MB at once.`,
  ].join('\n\n');
}

function passRows({ before, passes, after }: Figures): readonly (readonly string[])[] {
  const rows = passes.map((pass, index) => passRow(pass, passes[index - 1] ?? before));
  return [['(before)', ...figures(before), '', ''], ...rows, ['(after)', ...figures(after), '', '']];
}

/** What each pass is there for. */
function legend({ passes }: Figures): string {
  const summaries = new Map(passes.map(({ name, summary }) => [name, summary]));
  return columns([...summaries]);
}

function passRow(pass: PassSummary, previous: GraphSummary): readonly string[] {
  const time = pass.milliseconds === 0 ? '' : pass.milliseconds.toFixed(1);
  return [pass.name, ...figures(pass), time, changes(previous, pass)];
}

function figures(summary: OperatorSummary): readonly string[] {
  return [String(summary.nodes), gigaflops(summary.flops), megabytes(traffic(summary))];
}

/** How the counts of operators changed, the largest changes first: `−57 Mul, −12 Reshape, +3 Conv`. */
function changes(previous: GraphSummary, next: GraphSummary): string {
  const names = new Set([...Object.keys(previous.operators), ...Object.keys(next.operators)]);
  const changed = [...names]
    .map((name) => ({ name, by: (next.operators[name]?.nodes ?? 0) - (previous.operators[name]?.nodes ?? 0) }))
    .filter(({ by }) => by !== 0)
    .toSorted((a, b) => Math.abs(b.by) - Math.abs(a.by));
  const shown = changed.slice(0, 4).map(({ name, by }) => `${by < 0 ? '−' : '+'}${Math.abs(by)} ${name}`);
  if (changed.length > 4) return [...shown, '…'].join(', ');
  return shown.join(', ') || (traffic(previous) === traffic(next) ? 'nothing' : 'smaller tensors');
}

/** The operators that move most. */
function operatorRows({ operators }: GraphSummary): readonly (readonly string[])[] {
  const sorted = Object.entries(operators).toSorted(([, a], [, b]) => traffic(b) - traffic(a));
  return sorted.slice(0, 12).map(([name, sum]) => [name, ...figures(sum)]);
}

function traffic({ read, written }: Cost): number {
  return read + written;
}
