import type { Comparison } from './compare';
import { rows } from './rows';

const titles = [
  'row',
  'parameters',
  'ours, ms: median (min)',
  'PyTorch, ms: median (min)',
  'PyTorch ÷ ours: median (min)',
  'peak MB, ours / PyTorch',
  'processor ms, ours / PyTorch',
  'start-up ms',
  "PyTorch's best",
];

/** The comparisons as a Markdown table. */
export function table(comparisons: readonly Comparison[]): string {
  return [titles, titles.map(() => '---'), ...comparisons.map(cells)].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cells({ row, precision, parameters, startup, ours, theirs }: Comparison): readonly string[] {
  const title = precision === 'float32' ? rows[row].title : `${rows[row].title}, PyTorch in bfloat16`;
  const ratio = theirs && `${(theirs.median / ours.median).toFixed(2)} (${(theirs.min / ours.min).toFixed(2)})`;
  return [
    title,
    String(parameters),
    timed(ours),
    theirs ? timed(theirs) : '–',
    ratio ?? '–',
    `${ours.peakMegabytes.toFixed(0)} / ${theirs?.peakMegabytes.toFixed(0) ?? '–'}`,
    `${ours.processor.toFixed(1)} / ${theirs?.processor.toFixed(1) ?? '–'}`,
    startup.toFixed(0),
    theirs?.name ?? '–',
  ];
}

function timed({ median, min }: { readonly median: number; readonly min: number }): string {
  return `${median.toFixed(1)} (${min.toFixed(1)})`;
}
