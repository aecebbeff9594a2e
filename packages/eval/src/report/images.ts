import { escaped, type Html, html, trusted } from './html';
import type { NeighbourGrid, ReportSamples, Sprite, ViewSheet } from './reportData';
import { categoryColour } from './theme';

/** What to call a sample aloud: its name and its class. */
export function sampleTitle({ names, labels, classes }: ReportSamples, row: number): string {
  const label = labels && classes?.[labels[row] ?? -1];
  return [names[row] ?? `sample ${row}`, ...(label === undefined ? [] : [label])].join(', ');
}

/** Styles that put a sprite, once, behind all elements of a class, and show one place of it each. */
export function spriteStyles(name: string, sprite: Sprite, places: Iterable<number>): string {
  const rows = Math.ceil(sprite.count / sprite.columns);
  const percent = (at: number, of: number) => (of > 1 ? (100 * at) / (of - 1) : 0).toFixed(3);
  const place = (index: number) => {
    const [column, row] = [index % sprite.columns, Math.floor(index / sprite.columns)];
    return `.${name}-${index}{background-position:${percent(column, sprite.columns)}% ${percent(row, rows)}%}`;
  };
  const image = `url(data:${sprite.type};base64,${base64(sprite.bytes)})`;
  const sheet = `.${name}{background-image:${image};background-size:${100 * sprite.columns}% ${100 * rows}%}`;
  return [sheet, ...[...new Set(places)].map(place)].join('\n');
}

/** A table of samples and what lies nearest to each; where there are labels, those of another class are marked. */
export function neighbourTable({ measure, rows }: NeighbourGrid, samples: ReportSamples): Html {
  const most = Math.max(0, ...rows.map(({ nearest }) => nearest.length));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Nearest neighbours"><table class="tiles">
<thead><tr><th scope="col">sample</th><th scope="col" colspan="${most}">nearest by ${measure}</th></tr></thead>
<tbody>${rows.map(
    ({ sample, nearest }) =>
      html`<tr><th scope="row">${tile(samples, sample)}${className(samples, sample)}</th>${nearest.map(
        ({ sample: other, similarity }) =>
          html`<td class="${fits(samples, sample, other)}">${tile(samples, other)}<small>${similarity.toFixed(2)}${fits(samples, sample, other) === 'other' ? ' ✗' : ''}</small></td>`,
      )}</tr>`,
  )}</tbody></table></div>`;
}

/** A table of images, side by side, and below each what the views made of it. */
export function viewTable({ columns, names, scales }: ViewSheet): Html {
  const cell = (name: string, image: number, title: string, column: number) => {
    const size = Math.max(1, Math.min(4, Math.round(4 * (scales?.[column] ?? 1))));
    const place = image * columns.length + column;
    return html`<td><span class="tile view view-${place} size-${size}" role="img" aria-label="${name}, ${title}" title="${name}, ${title}"></span></td>`;
  };
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Views"><table class="tiles views"><tbody>${columns.map(
    (title, column) =>
      html`<tr><th scope="row">${title}</th>${names.map((name, image) => cell(name, image, title, column))}</tr>`,
  )}</tbody></table></div>`;
}

/** Classes with their colours. */
export function legend({ labels = [], classes = [] }: ReportSamples): Html | undefined {
  const shown = [...new Set(labels)].sort((a, b) => a - b).filter((label) => classes[label] !== undefined);
  if (shown.length < 2) return undefined;
  const dot = (label: number) =>
    trusted(
      `<svg class="dot" viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill="${escaped(categoryColour(label))}"/></svg>`,
    );
  return html`<ul class="legend">${shown.map((label) => html`<li>${dot(label)}${classes[label]}</li>`)}</ul>`;
}

function tile(samples: ReportSamples, row: number): Html {
  const title = sampleTitle(samples, row);
  if (!samples.thumbnails) return html`<span class="name">${title}</span>`;
  return html`<span class="tile thumb thumb-${row}" role="img" aria-label="${title}" title="${title}"></span>`;
}

function className({ labels, classes }: ReportSamples, row: number): Html | undefined {
  const name = labels && classes?.[labels[row] ?? -1];
  return name === undefined ? undefined : html`<small>${name}</small>`;
}

/** Whether a neighbour is of the same class, of another, or nobody knows. */
function fits({ labels }: ReportSamples, sample: number, other: number): 'same' | 'other' | 'unknown' {
  if (!labels) return 'unknown';
  return labels[sample] === labels[other] ? 'same' : 'other';
}

function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(start, start + 0x8000)));
  }
  return btoa(parts.join(''));
}
