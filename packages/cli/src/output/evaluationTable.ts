import type { Measured } from '../run/measure';
import { formatTable, percent } from './table';

/** Aligns what each representation reached: accuracies in percent, with a 95 % interval where one was measured. */
export function evaluationTable(rows: readonly Measured[]): string {
  const titles = titlesOf(rows);
  const columns = [{ title: 'features' }, ...titles.map((title) => ({ title, align: 'right' as const }))];
  return formatTable(
    columns,
    rows.map(({ features, figures }) => [features, ...titles.map((title) => figureCell(figures[title]))]),
  );
}

/** Of every evaluator that measured one of the representations; pixels are not measured by all. */
export function titlesOf(rows: readonly Pick<Measured, 'figures'>[]): readonly string[] {
  return [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
}

/** What of a measured representation is compared. */
type Compared = Pick<Measured, 'features' | 'figures' | 'testCount'>;

/**
 * Says in words where the encoder is above a baseline and where the baseline is as good (within one standard error of
 * the test split) or better.
 */
export function compareWith(baseline: Compared, encoder: Compared): readonly string[] {
  const above: string[] = [];
  const notAbove: string[] = [];
  for (const [title, figures] of Object.entries(encoder.figures)) {
    const [own, other] = [figures.accuracy, baseline.figures[title]?.accuracy];
    if (own === undefined || other === undefined) continue;
    const standardError = Math.sqrt((own * (1 - own)) / encoder.testCount);
    const margin = `${percent(own)} against ${percent(other)}`;
    if (own - other > standardError) above.push(`${title} (${margin})`);
    else
      notAbove.push(
        `${title} (${margin}${Math.abs(own - other) <= standardError ? ', within one standard error' : ''})`,
      );
  }
  return [
    ...(above.length > 0 ? [`The trained encoder is above the ${baseline.features} on ${above.join('; ')}.`] : []),
    ...(notAbove.length > 0 ? [`The ${baseline.features} did as well or better on ${notAbove.join('; ')}.`] : []),
  ];
}

/** What evaluators say that figures mean. */
export function evaluationVerdicts(rows: readonly Measured[]): readonly string[] {
  return rows.flatMap(({ features, notes }) =>
    Object.values(notes).flatMap(({ verdicts }) => verdicts.map((sentence) => `Of ${features}: ${sentence}`)),
  );
}

/** What evaluators warned of, each once, with the titles of those that did. */
export function evaluationWarnings(rows: readonly Measured[]): readonly string[] {
  const titles = new Map<string, Set<string>>();
  for (const [title, { warnings }] of rows.flatMap(({ notes }) => Object.entries(notes))) {
    for (const warning of warnings) titles.set(warning, (titles.get(warning) ?? new Set()).add(title));
  }
  return [...titles].map(([warning, who]) => `Warning (${[...who].join(', ')}): ${warning}`);
}

/** An evaluator's figures in few words: the accuracy in percent where there is one, else every figure; a dash for none. */
export function figureCell({ accuracy, confidence95, ...others }: Readonly<Record<string, number>> = {}): string {
  if (accuracy === undefined && Object.keys(others).length === 0) return '–';
  if (accuracy === undefined)
    return Object.entries(others)
      .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
      .join(', ');
  return confidence95 === undefined ? percent(accuracy) : `${percent(accuracy)} ± ${percent(confidence95)}`;
}
