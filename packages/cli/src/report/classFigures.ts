import type { Confusion, ReportTable } from '@unlabel/eval';
import { percent } from '../output/table';
import type { RunOutcome } from './runRecord';

type Measured = Pick<RunOutcome['evaluation'][number], 'notes' | 'testCount'>;

/** Which classes the first evaluator that tells takes for which; `undefined` where none fits the classes. */
export function measuredConfusion(measured: Measured | undefined, classes: readonly string[]): Confusion | undefined {
  for (const [title, { details }] of Object.entries(measured?.notes ?? {})) {
    const { confusionMatrix: rows = [] } = details;
    if (classes.length < 2 || rows.length !== classes.length) continue;
    if (rows.some((row) => row.length !== classes.length)) continue;
    const count = rows.flat().reduce((sum, value) => sum + value, 0);
    return { title: `${title} on ${count.toLocaleString('en')} images, in %`, classes, counts: rows.flat() };
  }
  return undefined;
}

/** The accuracy of each class by every evaluator that tells it; `undefined` where none does. */
export function classTable(measured: Measured | undefined, classes: readonly string[]): ReportTable | undefined {
  const told = Object.entries(measured?.notes ?? {}).flatMap(([title, { details }]) => {
    const { perClassAccuracy: shares = [] } = details;
    return classes.length > 1 && shares.length === classes.length ? [{ title, shares }] : [];
  });
  if (told.length === 0) return undefined;
  return {
    title: 'Accuracy by class',
    note: 'Of the trained encoder, in percent.',
    columns: [
      { title: 'class' },
      ...told.map(({ title }) => ({ title, align: 'right' as const, best: 'max' as const })),
    ],
    rows: classes.map((name, label) => [
      name,
      ...told.map(({ shares }) => {
        const share = shares[label] ?? null;
        return share === null ? '–' : { text: percent(share), value: share };
      }),
    ]),
  };
}
