import type { Curve, HeadlineFigure, ReportData, ReportTable, Series } from '@unlabel/eval';
import { compareWith, figureCell, titlesOf } from '../output/evaluationTable';
import { counted, duration, percent } from '../output/table';
import { classTable } from './classFigures';
import { type CollapseRisk, collapseRisk, verdictTone } from './collapseRisk';
import type { RunImages } from './runImages';
import type { RunOutcome, RunRecord } from './runRecord';

/** A run as a report shows it. @param images what {@link lookAtImages} found (default: no images) */
export function describeRun(record: RunRecord, images: RunImages = {}): ReportData {
  const { folder, method, dataset, start, outcome, config } = record;
  const risk = collapseRisk(record);
  const epochs = start ? `, ${start.epochs} ${start.epochs === 1 ? 'epoch' : 'epochs'}` : '';
  const curves = curvesOf(record);
  const byClass = classTable(outcome?.evaluation.at(-1), images.samples?.classes ?? []);
  return {
    title:
      folder
        .replace(/[/\\]+$/, '')
        .split(/[/\\]/)
        .at(-1) || folder,
    subtitle: `${method} on ${dataset}${epochs}${outcome ? '' : '; not finished'}`,
    headline: headlineOf(record, risk),
    findings: findingsOf(outcome),
    warnings: warningsOf(record),
    ...(outcome &&
      outcome.evaluation.length > 0 && { tables: [evaluationReportTable(outcome), ...(byClass ? [byClass] : [])] }),
    ...(curves.length > 0 && { curves }),
    ...images,
    config,
    ...(outcome && Object.keys(outcome.environment).length > 0 && { environment: outcome.environment }),
  };
}

function headlineOf({ outcome, steps }: RunRecord, risk: CollapseRisk): readonly HeadlineFigure[] {
  const trained = outcome?.evaluation.at(-1);
  const accuracies = Object.entries(trained?.figures ?? {}).flatMap(([title, { accuracy }]) =>
    accuracy === undefined ? [] : [{ label: title, value: `${percent(accuracy)} %` }],
  );
  const tone = verdictTone[risk.verdict];
  const { geometry } = trained ?? {};
  const dimensions = geometry && Math.min(geometry.count, geometry.dim);
  return [
    ...accuracies.slice(0, 3),
    ...(risk.rankMe === undefined
      ? []
      : [{ label: 'dimensions in use', value: risk.rankMe.toFixed(1), note: `RankMe, of ${dimensions}` }]),
    ...(risk.projectionStd === undefined
      ? []
      : [
          {
            label: 'spread of projections',
            value: risk.projectionStd.toFixed(2),
            note: `${risk.verdict}; 1 is healthy, 0 collapsed`,
            ...(tone && { tone }),
          },
        ]),
    ...(risk.directions === undefined
      ? []
      : [
          {
            label: 'directions of projections',
            value: String(risk.directions.carrying),
            note: `of ${risk.directions.possible}, carry 99 % of the variance`,
            ...(tone && { tone }),
          },
        ]),
    ...(outcome
      ? [
          {
            label: 'training',
            value: duration(outcome.trainingSeconds),
            note: `${outcome.steps.toLocaleString('en')} steps`,
          },
        ]
      : [{ label: 'steps so far', value: (steps.at(-1)?.step ?? 0).toLocaleString('en') }]),
  ];
}

function findingsOf(outcome: RunOutcome | undefined): readonly string[] {
  const trained = outcome?.evaluation.at(-1);
  if (!outcome || !trained) return [];
  return outcome.evaluation.slice(0, -1).flatMap((baseline) => compareWith(baseline, trained));
}

function warningsOf({ warnings, outcome }: RunRecord): readonly string[] {
  const { unreadable = [] } = outcome ?? {};
  const named = `${unreadable.slice(0, 10).join(', ')}${unreadable.length > 10 ? ', …' : ''}`;
  return [
    ...warnings.map(({ step, message }) => `Step ${step}: ${message}`),
    ...(unreadable.length > 0 ? [`${counted(unreadable.length)} could not be read: ${named}.`] : []),
  ];
}

/** What each representation reached, baselines first. */
function evaluationReportTable({ evaluation }: RunOutcome): ReportTable {
  const titles = titlesOf(evaluation);
  const count = evaluation[0]?.testCount ?? 0;
  return {
    title: 'Evaluation',
    note: `Measured on ${count.toLocaleString('en')} images that training has not seen; accuracies in percent. A share measured on so many has a standard error of up to ${percent(0.5 / Math.sqrt(Math.max(1, count)))} points.`,
    columns: [
      { title: 'features' },
      ...titles.map((title) => ({ title, align: 'right' as const, best: 'max' as const })),
    ],
    rows: evaluation.map(({ features, figures }) => [
      features,
      ...titles.map((title) => {
        const { accuracy } = figures[title] ?? {};
        return { text: figureCell(figures[title]), ...(accuracy !== undefined && { value: accuracy }) };
      }),
    ]),
  };
}

function curvesOf({ steps, reports }: RunRecord): readonly Curve[] {
  const [first] = steps;
  if (!first) return [];
  const series = (name: string, value: (step: RunRecord['steps'][number]) => number): Series => ({
    name,
    points: steps.map((step) => [step.step, value(step)] as const),
  });
  const terms = Object.keys(first.terms);
  const curve = (title: string, y: string, lines: readonly Series[]): Curve => ({ title, x: 'step', y, series: lines });
  return [
    curve('Loss', 'loss', [series('loss', ({ loss }) => loss)]),
    ...(terms.length > 1
      ? [
          curve(
            'Terms of the loss',
            'term',
            terms.map((term) => series(term, ({ terms: values }) => values[term] ?? Number.NaN)),
          ),
        ]
      : []),
    ...reportCurves(reports),
    curve('Spread of the projections', 'standard deviation', [
      series('projections', ({ projectionStd }) => projectionStd),
    ]),
    ...(['learningRate', 'gradientNorm'] as const)
      .filter((name) => name in first.scalars)
      .map((name) => {
        const title = name === 'learningRate' ? 'Learning rate' : 'Norm of the gradient';
        return curve(title, title.toLowerCase(), [series(name, ({ scalars }) => scalars[name] ?? Number.NaN)]);
      }),
    curve('Pace', 'images a second', [series('images/s', ({ samplesPerSecond }) => samplesPerSecond)]),
  ];
}

/** A curve for each figure that was reported while training; a watcher's own cost is none. */
function reportCurves(reports: RunRecord['reports']): readonly Curve[] {
  const names = [...new Set(reports.flatMap(({ figures }) => Object.keys(figures)))].filter(
    (name) => name !== 'timeShare',
  );
  return names.map((name) => {
    const [title, y, scale] = name === 'knn' ? ['kNN while training', 'accuracy in %', 100] : [name, name, 1];
    const points = reports.flatMap(({ step, figures }) => {
      const value = figures[name];
      return value === undefined ? [] : [[step, scale * value] as const];
    });
    return { title, x: 'step', y, series: [{ name: y, points }] };
  });
}
