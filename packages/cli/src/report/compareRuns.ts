import {
  type Curve,
  type ReportCell,
  type ReportData,
  type ReportTable,
  type TradeOffPoint,
  wilsonInterval,
} from '@unlabel/eval';
import { duration, percent } from '../output/table';
import { figureNamed, trainedFigures } from '../study/studyResults';
import { collapseRisk, verdictTone } from './collapseRisk';
import type { RunRecord } from './runRecord';
import { qualityAgainstCollapse } from './tradeOff';

/** Runs side by side: quality with 95 % intervals against the risk of collapse, and their curves. */
export function describeComparison(records: readonly RunRecord[], quality: string): ReportData {
  const names = namesOf(records);
  const named = records.map((record, at) => ({ record, name: names[at] ?? record.folder }));
  const points = named.flatMap(({ record, name }) => pointOf(record, name, quality));
  const curve = (title: string, y: string, of: (record: RunRecord) => Curve['series'][number]['points']): Curve => ({
    title,
    x: 'step',
    y,
    series: named.map(({ record, name }) => ({ name, points: of(record) })).filter((line) => line.points.length > 0),
  });
  const curves = [
    curve('kNN while training', 'accuracy in %', ({ reports }) =>
      reports.flatMap(({ step, figures }) => (figures.knn === undefined ? [] : [[step, 100 * figures.knn] as const])),
    ),
    curve('Spread of the projections', 'standard deviation', ({ steps }) =>
      steps.map(({ step, projectionStd }) => [step, projectionStd] as const),
    ),
    curve('Loss', 'loss', ({ steps }) => steps.map(({ step, loss }) => [step, loss] as const)),
  ].filter(({ series }) => series.length > 0);
  return {
    title: `${records.length} runs compared`,
    subtitle: `quality is ${quality}`,
    tables: [comparisonTable(named)],
    ...qualityAgainstCollapse(quality, points),
    ...(curves.length > 0 && { curves }),
  };
}

/** The table of {@link describeComparison}, in the order in which the runs were given. */
export function comparisonTable(runs: readonly { readonly record: RunRecord; readonly name: string }[]): ReportTable {
  const titles = [
    ...new Set(runs.flatMap(({ record }) => Object.keys(record.outcome?.evaluation.at(-1)?.figures ?? {}))),
  ];
  const right = { align: 'right' } as const;
  return {
    title: 'Runs',
    note: 'Accuracies in percent with 95 % intervals: of repeated draws where an evaluator repeats, else Wilson’s for the number of test images. Seeds differ by more than that: a study repeats runs. Dimensions in use: RankMe over the most that it could be. Spread: standard deviation of projections at the end, 1 healthy, 0 collapsed.',
    columns: [
      { title: 'run' },
      { title: 'method' },
      ...titles.map((title) => ({ title, best: 'max' as const, ...right })),
      { title: 'dimensions in use, %', ...right },
      { title: 'spread', ...right },
      { title: 'verdict' },
      { title: 'training', ...right },
    ],
    rows: runs.map(({ record, name }) => {
      const { method, outcome } = record;
      const { rankShare, projectionStd, verdict } = collapseRisk(record);
      const tone = verdictTone[verdict];
      return [
        name,
        method,
        ...titles.map((title) => accuracyCell(record, title)),
        rankShare === undefined ? '–' : (100 * rankShare).toFixed(1),
        projectionStd === undefined ? '–' : projectionStd.toFixed(2),
        { text: verdict, ...(tone && { tone }) },
        outcome ? duration(outcome.trainingSeconds) : { text: 'not finished', tone: 'caution' as const },
      ];
    }),
  };
}

function accuracyCell({ outcome }: RunRecord, title: string): ReportCell {
  const trained = outcome?.evaluation.at(-1);
  const { accuracy, confidence95, ...others } = trained?.figures[title] ?? {};
  if (accuracy === undefined) {
    return (
      Object.entries(others)
        .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
        .join(', ') || '–'
    );
  }
  const [low, high] = intervalOf(accuracy, confidence95, trained?.testCount ?? 0);
  return { text: `${percent(accuracy)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`, value: accuracy };
}

function intervalOf(accuracy: number, confidence95: number | undefined, count: number): readonly [number, number] {
  if (confidence95 !== undefined) return [accuracy - confidence95, accuracy + confidence95];
  if (count === 0) return [accuracy, accuracy];
  const { low, high } = wilsonInterval(accuracy, count);
  return [low, high];
}

function pointOf(record: RunRecord, name: string, quality: string): readonly TradeOffPoint[] {
  const figures = trainedFigures(record.outcome);
  const value = figureNamed(figures, quality);
  const { rankShare, verdict } = collapseRisk(record);
  if (value === undefined || rankShare === undefined) return [];
  const x = 100 * rankShare;
  const tone = verdictTone[verdict];
  const told = { name, x, ...(tone && { tone }) };
  if (!quality.endsWith('.accuracy')) return [{ ...told, y: value }];
  const confidence95 = figureNamed(figures, quality.replace(/accuracy$/, 'confidence95'));
  const [low, high] = intervalOf(value, confidence95, record.outcome?.evaluation.at(-1)?.testCount ?? 0);
  return [{ ...told, y: 100 * value, interval: [100 * low, 100 * high] }];
}

/** As much of the ends of their folders as tells them apart. */
function namesOf(records: readonly RunRecord[]): readonly string[] {
  const paths = records.map(({ folder }) => folder.split(/[/\\]/).filter((part) => part !== '' && part !== '.'));
  const deepest = Math.max(1, ...paths.map((path) => path.length));
  for (let parts = 1; parts < deepest; parts++) {
    const names = paths.map((path) => path.slice(-parts).join('/'));
    if (new Set(names).size === names.length) return names;
  }
  return records.map(({ folder }) => folder);
}
