import { type Html, html } from './html';
import type { HeadlineFigure, ReportCell, ReportTable } from './reportData';

/** The large figures at the top of a page. */
export function headline(figures: readonly HeadlineFigure[]): Html {
  return html`<dl class="headline">${figures.map(
    ({ label, value, note, tone }) =>
      html`<div class="card ${tone ?? ''}"><dt>${label}</dt><dd>${value}</dd>${note ? html`<dd class="note">${note}</dd>` : undefined}</div>`,
  )}</dl>`;
}

/** A table whose first column names its rows; the best value of a column stands out. */
export function dataTable({ title, note, columns, rows }: ReportTable): Html {
  const best = columns.map(({ best: want }, column) => {
    const values = rows.flatMap((row) => valueIn(row[column]) ?? []);
    if (!want || values.length < 2) return undefined;
    return want === 'max' ? Math.max(...values) : Math.min(...values);
  });
  const cell = (content: ReportCell | undefined, column: number) => {
    const { text, note: below, tone, value } = typeof content === 'object' ? content : { text: content ?? '' };
    const wins = value !== undefined && value === best[column];
    const classes = [columns[column]?.align === 'right' ? 'number' : '', tone ?? '', wins ? 'best' : '']
      .join(' ')
      .trim();
    const inner = html`${wins ? html`<strong>${text}</strong>` : text}${below ? html`<small>${below}</small>` : undefined}`;
    return column === 0
      ? html`<th scope="row" class="${classes}">${inner}</th>`
      : html`<td class="${classes}">${inner}</td>`;
  };
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<caption class="unseen">${title}</caption>
<thead><tr>${columns.map(({ title: name, align }) => html`<th scope="col" class="${align === 'right' ? 'number' : ''}">${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${columns.map((_, column) => cell(row[column], column))}</tr>`)}</tbody></table></div>
${note ? html`<p class="note">${note}</p>` : undefined}`;
}

/** Names and values. */
export function facts(values: Readonly<Record<string, string>>): Html {
  return html`<dl class="facts">${Object.entries(values).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function valueIn(cell: ReportCell | undefined): number | undefined {
  return typeof cell === 'object' && Number.isFinite(cell.value) ? cell.value : undefined;
}
