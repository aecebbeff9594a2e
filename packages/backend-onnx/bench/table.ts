import type { Comparison, Side } from './compare';
import { rows } from './rows';

/**
 * The comparisons as a Markdown table.
 * @param other what to call the other side
 */
export function table(comparisons: readonly Comparison[], other: string): string {
  const titles = [
    'row',
    'parameters',
    'ours, ms: median (min)',
    `${other}, ms: median (min)`,
    `${other} ÷ ours: median (min)`,
    `peak MB, ours / ${other}`,
    `processor ms, ours / ${other}`,
    'start-up ms',
    'against',
  ];
  const lines = [titles, titles.map(() => '---'), ...comparisons.map(cells)];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function cells({ row, precision, parameters, startup, ours, theirs }: Comparison): readonly string[] {
  const pair = (figure: (side: Side) => string) => `${figure(ours)} / ${theirs ? figure(theirs) : '–'}`;
  return [
    precision === 'float32' ? rows[row].title : `${rows[row].title}, PyTorch in ${precision}`,
    String(parameters),
    timed(ours),
    theirs ? timed(theirs) : '–',
    theirs ? `${(theirs.median / ours.median).toFixed(2)} (${(theirs.min / ours.min).toFixed(2)})` : '–',
    pair(({ peakMegabytes }) => peakMegabytes.toFixed(0)),
    pair(({ processor }) => processor.toFixed(1)),
    startup.toFixed(0),
    theirs?.name ?? '–',
  ];
}

function timed({ median, min }: Side): string {
  return `${median.toFixed(1)} (${min.toFixed(1)})`;
}
