import { folderStore } from '@unlabel/core';
import type { MeanInterval, ReportCell, ReportData, ReportTable, Tone } from '@unlabel/eval';
import { type Verdict, verdictTone } from '../report/collapseRisk';
import { qualityAgainstCollapse } from '../report/tradeOff';
import { writePage } from '../report/writeRunReport';
import { type CombinationResult, figureNamed, figureTitle, fullName, type StudyResults } from './studyResults';

/**
 * Writes a study's results as study.json, study.md and study.html into its folder, each whole or not at all.
 * @param figures a folder for each figure as SVG and PNG (default: no such files)
 */
export async function writeStudy(folder: string, results: StudyResults, figures?: string): Promise<void> {
  const store = folderStore(folder);
  const encoder = new TextEncoder();
  await store.write('study.json', encoder.encode(`${JSON.stringify(results, undefined, 2)}\n`));
  const data = describeStudy(results);
  await store.write('study.md', encoder.encode(studyMarkdown(data)));
  await writePage(`${folder}/study.html`, data, figures);
}

/** A study as a report shows it. */
export function describeStudy(results: StudyResults): ReportData {
  const { title, hypothesis, quality, combinations, correlations } = results;
  const points = combinations.flatMap(({ name, figures, rankShare, projectionStd, verdicts }) => {
    const value = figureNamed(figures, quality);
    const x = rankShare ?? projectionStd;
    const tone = toneOf(verdicts);
    return value && x
      ? [
          {
            name,
            x: 100 * x.mean,
            y: scale(quality) * value.mean,
            interval: ends(value, quality),
            ...(tone && { tone }),
          },
        ]
      : [];
  });
  const ended = combinations.flatMap(({ runs }) => runs);
  const finished = ended.filter(({ state }) => state === 'finished').length;
  return {
    title,
    subtitle: `${finished} of ${ended.length} runs finished; quality is ${quality}`,
    ...(hypothesis !== undefined && { findings: [`Hypothesis: ${hypothesis}`] }),
    warnings: combinations.flatMap(({ name, runs }) =>
      runs.flatMap(({ state, seed, error }) => (state === 'failed' ? [`${name}, seed ${seed}: ${error}`] : [])),
    ),
    tables: [resultTable(results), ...(correlations.length > 0 ? [correlationTable(results)] : [])],
    ...qualityAgainstCollapse(quality, points),
  };
}

function resultTable({ combinations, quality }: StudyResults): ReportTable {
  const names = [...new Set(combinations.flatMap((combination) => Object.keys(combination.figures)))];
  const ranked = fullName(names, quality);
  const figures = [ranked, ...names.filter((name) => name.endsWith('.accuracy') && name !== ranked)];
  const right = { align: 'right' } as const;
  return {
    title: 'Results',
    note: 'Mean over seeds ± half of the 95 % interval by Student’s t; accuracies in percent. Dimensions in use: RankMe over the most that it could be. Spread: standard deviation of projections at the end, 1 healthy, 0 collapsed. Directions: those that carry 99 % of the variance of projections.',
    columns: [
      { title: 'setting' },
      ...figures.map((name) => ({ title: figureTitle(name), best: 'max' as const, ...right })),
      { title: 'dimensions in use, %', ...right },
      { title: 'spread', ...right },
      { title: 'directions', ...right },
      { title: 'verdict' },
      { title: 'runs', ...right },
    ],
    rows: combinations.map((combination) => [
      combination.name,
      ...figures.map((name) => intervalCell(figureNamed(combination.figures, name), scale(name))),
      intervalCell(combination.rankShare, 100, 1),
      intervalCell(combination.projectionStd, 1),
      intervalCell(combination.projectionDirections, 1, 1),
      verdictCell(combination),
      runsCell(combination),
    ]),
  };
}

function correlationTable({ correlations, quality }: StudyResults): ReportTable {
  const settings = Object.keys(correlations[0]?.within ?? {});
  const right = { align: 'right' } as const;
  return {
    title: `Which criterion ranks runs as ${quality} does`,
    note: 'Spearman’s rank correlation ρ over all finished runs, settings and seeds alike; 1 is the same order, 0 none. By seed: the mean of each seed’s own, ± half of its 95 % interval. Losses of different methods are not comparable.',
    columns: [
      { title: 'criterion' },
      { title: 'ρ', ...right, best: 'max' },
      { title: 'by seed', ...right },
      ...settings.map((setting) => ({ title: `${setting} alone`, ...right, best: 'max' as const })),
      { title: 'runs', ...right },
    ],
    rows: correlations.map(({ criterion, rho, runs, bySeed, within }) => [
      criterion,
      rhoCell(rho),
      intervalCell(bySeed, 1),
      ...settings.map((setting) => rhoCell(within[setting])),
      String(runs),
    ]),
  };
}

function rhoCell(rho = Number.NaN): ReportCell {
  return Number.isFinite(rho) ? { text: rho.toFixed(2), value: rho } : 'undefined';
}

/** The tables of a report as Markdown, for READMEs. */
export function studyMarkdown({ title, subtitle, findings = [], warnings = [], tables = [] }: ReportData): string {
  const text = (cell: ReportCell | undefined) => (typeof cell === 'object' ? cell.text : (cell ?? ''));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\s+/g, ' ')).join(' | ')} |`;
  const parts = tables.flatMap(({ title: heading, columns, rows, note }) => [
    `## ${heading}`,
    [
      line(columns.map((column) => column.title)),
      line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
      ...rows.map((row) => line(row.map(text))),
    ].join('\n'),
    ...(note === undefined ? [] : [note]),
  ]);
  return `${[`# ${title}`, ...(subtitle ? [`${subtitle}.`] : []), ...findings, ...warnings.map((warning) => `- ${warning}`), ...parts].join('\n\n')}\n`;
}

/** Accuracies are shown in percent. */
function scale(figure: string): number {
  return /accuracy$/i.test(figure) ? 100 : 1;
}

function ends({ mean, confidence95 = 0 }: MeanInterval, figure: string): readonly [number, number] {
  return [scale(figure) * (mean - confidence95), scale(figure) * (mean + confidence95)];
}

function intervalCell(value: MeanInterval | undefined, factor: number, digits = 2): ReportCell {
  if (!value) return '–';
  const half = value.confidence95 === undefined ? '' : ` ± ${(factor * value.confidence95).toFixed(digits)}`;
  return { text: `${(factor * value.mean).toFixed(digits)}${half}`, value: value.mean };
}

const severity: readonly Verdict[] = ['collapsed', 'at risk', 'healthy', 'unknown'];

/** The worst verdict decides. */
function toneOf(verdicts: CombinationResult['verdicts']): Tone | undefined {
  const worst = severity.find((verdict) => verdicts[verdict] !== undefined);
  return worst && verdictTone[worst];
}

function verdictCell({ verdicts }: CombinationResult): ReportCell {
  const given = severity.filter((verdict) => verdicts[verdict] !== undefined);
  const text = given.length === 1 ? given.join() : given.map((verdict) => `${verdicts[verdict]} ${verdict}`).join(', ');
  const tone = toneOf(verdicts);
  return { text: text || '–', ...(tone && { tone }) };
}

function runsCell({ runs }: CombinationResult): ReportCell {
  const finished = runs.filter(({ state }) => state === 'finished').length;
  const failed = runs.filter(({ state }) => state === 'failed').length;
  if (finished === runs.length) return String(finished);
  return {
    text: `${finished} of ${runs.length}${failed > 0 ? `, ${failed} failed` : ''}`,
    tone: failed > 0 ? 'bad' : 'caution',
  };
}
