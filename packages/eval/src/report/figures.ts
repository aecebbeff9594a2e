import type { TopLevelSpec } from 'vega-lite';
import { drawFigure } from './drawFigure';
import type { Confusion, Curve, ReportData, ReportSamples, SampleMap, Series, Tone, TradeOff } from './reportData';
import { categoryColour, colour } from './theme';

/** A drawn figure. */
export interface Figure {
  /** File name without extension, unique in a report. */ readonly name: string;
  readonly title: string;
  /** What it shows, in words, for those who do not see it. */ readonly alternative: string;
  /** SVG whose colours are the theme's CSS variables. */ readonly svg: string;
}

const pointsInLine = 300;

/** Draws every figure that a report has data for. */
export async function drawFigures(data: ReportData): Promise<readonly Figure[]> {
  const { tradeOff, curves = [], spectrum, map, confusion, samples } = data;
  const drawn = (title: string, alternative: string, spec: TopLevelSpec) => ({ title, alternative, spec });
  const planned = [
    ...(tradeOff ? [drawn(tradeOff.title, describeTradeOff(tradeOff), tradeOffSpec(tradeOff))] : []),
    ...[...curves, ...(spectrum ? [spectrum] : [])].map((curve) =>
      drawn(curve.title, describeCurve(curve), curveSpec(curve)),
    ),
    ...(map ? [drawn(mapTitle(map), describeMap(map, samples), mapSpec(map, samples))] : []),
    ...(confusion ? [drawn(confusion.title, describeConfusion(confusion), confusionSpec(confusion))] : []),
  ];
  const figures: Figure[] = [];
  for (const { title, alternative, spec } of planned) {
    figures.push({ name: uniqueName(title, figures), title, alternative, svg: await drawFigure(spec) });
  }
  return figures;
}

/** The title of the figure of a map. */
export function mapTitle({ method }: SampleMap): string {
  return `Features in two dimensions (${method})`;
}

function uniqueName(title: string, taken: readonly Figure[]): string {
  const name =
    title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'figure';
  const same = taken.filter((figure) => figure.name.replace(/-\d+$/, '') === name).length;
  return same === 0 ? name : `${name}-${same + 1}`;
}

function curveSpec({ x, y, series, logarithmic = false }: Curve): TopLevelSpec {
  const values = series.flatMap(({ name, points }) =>
    thinned(points.filter((point) => point.every(Number.isFinite) && (!logarithmic || point[1] > 0))).map(
      ([at, value]) => ({
        name,
        x: at,
        y: value,
      }),
    ),
  );
  const names = series.map(({ name }) => name);
  return {
    width: 300,
    height: 180,
    data: { values },
    mark: {
      type: 'line',
      strokeWidth: 1.8,
      strokeJoin: 'round',
      point: values.length <= 30 * names.length && { size: 22 },
    },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        title: x,
        axis: { tickCount: 5, grid: false },
        scale: { nice: false, zero: false },
      },
      y: {
        field: 'y',
        type: 'quantitative',
        title: y,
        axis: { tickCount: 5, ...(logarithmic ? { format: '.0e' } : {}) },
        scale: logarithmic ? { type: 'log' } : { zero: false, nice: true },
      },
      color: {
        field: 'name',
        type: 'nominal',
        scale: { domain: names, range: names.map((_, index) => categoryColour(index)) },
        legend: names.length > 1 ? { columns: 3, symbolType: 'stroke', symbolStrokeWidth: 3 } : null,
      },
    },
  };
}

/** A line of at most a few hundred points: neighbours are averaged. */
function thinned(points: Series['points']): Series['points'] {
  const width = Math.ceil(points.length / pointsInLine);
  if (width <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / width) }, (_, bucket) => {
    const part = points.slice(bucket * width, (bucket + 1) * width);
    const mean = (axis: 0 | 1) => part.reduce((sum, point) => sum + point[axis], 0) / part.length;
    return [mean(0), mean(1)] as const;
  });
}

function mapSpec({ points }: SampleMap, samples: ReportSamples | undefined): TopLevelSpec {
  const values = points.map(([x, y], row) => ({ x, y, label: samples?.labels?.[row] ?? 0 }));
  const labels = [...new Set(values.map(({ label }) => label))];
  const hidden = { axis: null, scale: { zero: false, nice: false, padding: 12 } } as const;
  return {
    width: 640,
    height: 440,
    data: { values },
    mark: { type: 'circle', size: values.length > 600 ? 30 : 44, opacity: 0.78 },
    encoding: {
      x: { field: 'x', type: 'quantitative', ...hidden },
      y: { field: 'y', type: 'quantitative', ...hidden },
      color: {
        field: 'label',
        type: 'nominal',
        scale: { domain: labels, range: labels.map(categoryColour) },
        legend: null,
      },
    },
  };
}

function confusionSpec({ classes, counts }: Confusion): TopLevelSpec {
  const size = classes.length;
  const values = counts.map((count, cell) => {
    const label = Math.floor(cell / size);
    const total = counts.slice(label * size, (label + 1) * size).reduce((sum, value) => sum + value, 0);
    const share = total > 0 ? count / total : 0;
    return {
      label: `${label}`,
      prediction: `${cell % size}`,
      share,
      text: count === 0 ? '' : `${Math.round(100 * share)}`,
    };
  });
  const side = Math.max(240, Math.min(420, 32 * size));
  const axis = {
    labelExpr: `${JSON.stringify(classes.map((name) => shortened(name)))}[+datum.value]`,
    labelLimit: 200,
    labelOverlap: size > 20,
  } as const;
  const order = classes.map((_, index) => `${index}`);
  const x = {
    field: 'prediction',
    type: 'nominal',
    sort: order,
    title: 'taken for',
    axis: { ...axis, labelAngle: -45 },
  } as const;
  const y = { field: 'label', type: 'nominal', sort: order, title: 'is', axis } as const;
  return {
    width: side,
    height: side,
    data: { values },
    layer: [
      {
        mark: { type: 'rect', color: colour('accent'), cornerRadius: 2 },
        encoding: {
          x,
          y,
          opacity: { field: 'share', type: 'quantitative', scale: { domain: [0, 1], range: [0.05, 1] }, legend: null },
        },
      },
      ...(size > 20
        ? []
        : [
            {
              transform: [{ filter: 'datum.text !== ""' }],
              mark: { type: 'text' as const, fontSize: 10 },
              encoding: {
                x,
                y,
                text: { field: 'text', type: 'nominal' as const },
                color: { condition: { test: 'datum.share > 0.55', value: colour('page') }, value: colour('ink') },
              },
            },
          ]),
    ],
  };
}

const tones = { good: colour('good'), caution: colour('caution'), bad: colour('bad') } as const satisfies Record<
  Tone,
  string
>;

function tradeOffSpec({ x, y, points }: TradeOff): TopLevelSpec {
  const values = points.map(({ name, x: at, y: value, interval = [value, value], tone }) => ({
    name: shortened(name, 28),
    x: at,
    y: value,
    low: interval[0],
    high: interval[1],
    colour: tone ? tones[tone] : colour('c0'),
  }));
  const places = values.map((point) => point.x);
  const margin = 0.06 * (Math.max(...places) - Math.min(...places)) || 1;
  const domain = [Math.min(...places) - margin, Math.max(...places) + margin];
  const middle = (Math.min(...places) + Math.max(...places)) / 2; // names lie towards it
  const beside = {
    align: { expr: `datum.x > ${middle} ? 'right' : 'left'` },
    dx: { expr: `datum.x > ${middle} ? -6 : 6` },
  };
  const xAxis = {
    field: 'x',
    type: 'quantitative',
    title: x,
    scale: { domain, nice: true },
  } as const;
  const yAxis = { field: 'y', type: 'quantitative', title: y, scale: { zero: false, nice: true } } as const;
  const paint = { field: 'colour', type: 'nominal', scale: null } as const;
  return {
    width: 460,
    height: 300,
    data: { values },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.7 },
        encoding: { x: xAxis, y: { ...yAxis, field: 'low' }, y2: { field: 'high' }, color: paint },
      },
      { mark: { type: 'circle', size: 70, opacity: 1 }, encoding: { x: xAxis, y: yAxis, color: paint } },
      ...(values.length > 12
        ? []
        : [
            {
              mark: { type: 'text' as const, ...beside, dy: -8, fontSize: 10, color: colour('soft') },
              encoding: { x: xAxis, y: yAxis, text: { field: 'name', type: 'nominal' as const } },
            },
          ]),
    ],
  };
}

function shortened(text: string, length = 16): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

function describeCurve({ x, y, series }: Curve): string {
  const lines = series.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    return first && last ? `${name} goes from ${brief(first[1])} to ${brief(last[1])}` : `${name} has no points`;
  });
  return `${y} over ${x}: ${lines.join('; ')}.`;
}

function describeMap({ method, points }: SampleMap, samples: ReportSamples | undefined): string {
  const classes = samples?.classes?.length;
  return `${points.length} samples as ${method} arranges their features${classes ? `, coloured by ${classes} classes` : ''}.`;
}

function describeConfusion({ classes, counts }: Confusion): string {
  const size = classes.length;
  const right = classes.reduce((sum, _, label) => sum + (counts[label * size + label] ?? 0), 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return `Predicted against true class of ${total} samples in percent of each true class; ${right} are right.`;
}

function describeTradeOff({ x, y, points }: TradeOff): string {
  return `${y} against ${x}: ${points.map((point) => `${point.name} ${brief(point.y)} at ${brief(point.x)}`).join('; ')}.`;
}

function brief(value: number): string {
  return String(Number(value.toPrecision(3)));
}
