import type { Point } from './history';
import { changes, history } from './state';

/** Loss, kNN accuracy and RankMe over steps. */
export function Curves() {
  const { loss, knn, rankMe, std } = history.value;
  return (
    <section class="curves" aria-label="Measurements">
      <Curve name="loss" title="Loss" hint="what the method makes smaller" points={loss} format={short} />
      <Curve
        name="knn"
        title="kNN"
        hint="accuracy, by labels that training never sees"
        points={knn}
        format={(value) => `${(100 * value).toFixed(1)} %`}
      />
      <Curve
        name="rankme"
        title="RankMe"
        hint="directions that features use"
        points={rankMe}
        format={(value) => value.toFixed(1)}
      />
      <Curve
        name="std"
        title="Spread"
        hint="of projections: 1 healthy, 0 collapsed"
        points={std}
        format={(value) => value.toFixed(2)}
        from={0}
      />
    </section>
  );
}

interface CurveProps {
  readonly name: string;
  readonly title: string;
  readonly hint: string;
  readonly points: readonly Point[];
  /** The lowest value to show, where it is not the data's. */ readonly from?: number;
  format(value: number): string;
}

const [width, height, most] = [240, 84, 240];

function Curve({ name, title, hint, points, from, format }: CurveProps) {
  const last = points.at(-1);
  const [steps, values] = [points.map(([step]) => step), points.map(([, value]) => value)];
  const [low, high] = [from ?? Math.min(...values), Math.max(...values)];
  const first = steps[0] ?? 0;
  const x = (step: number) => (width * (step - first)) / Math.max(1, (last?.[0] ?? 1) - first);
  const y = (value: number) => height - 3 - ((height - 6) * (value - low)) / Math.max(1e-9, high - low);
  const line = thinned(points).map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`);
  return (
    <figure class="curve" data-curve={name}>
      <figcaption>
        <b>{title}</b> <span class="value">{last ? format(last[1]) : '–'}</span>
        <small class="curve-hint">{hint}</small>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={spoken(title, points, format)}
      >
        {changes.value.map(({ step, what }) => (
          <line key={`${step} ${what}`} class="change" x1={x(step)} x2={x(step)} y1={0} y2={height}>
            <title>{what}</title>
          </line>
        ))}
        {points.length > 1 && <polyline points={line.join(' ')} />}
      </svg>
      <div class="ends" aria-hidden="true">
        <span>{points.length > 1 ? `${format(low)} to ${format(high)}` : ' '}</span>
        <span>{points.length > 1 ? `step ${last?.[0]}` : ''}</span>
      </div>
    </figure>
  );
}

function spoken(title: string, points: readonly Point[], format: (value: number) => string): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return `${title}: not measured yet`;
  return `${title}: ${format(first[1])} at step ${first[0]}, ${format(last[1])} at step ${last[0]}`;
}

/** At most some hundred points: every so many-th, and the last. */
function thinned(points: readonly Point[]): readonly Point[] {
  const every = Math.ceil(points.length / most);
  return points.filter((_, at) => at % every === 0 || at === points.length - 1);
}

function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
