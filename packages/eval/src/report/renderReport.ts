import { UnlabelError } from '@unlabel/core';
import { drawFigures, type Figure, mapTitle } from './figures';
import { type Html, html, jsonScript, trusted } from './html';
import { legend, neighbourTable, sampleTitle, spriteStyles, viewTable } from './images';
import { type MapTexts, pageScript } from './pageScript';
import type { ReportData } from './reportData';
import { pageStyles } from './styles';
import { dataTable, facts, headline } from './tables';

const mostImageBytes = 8 * 2 ** 20;

/**
 * A report as one HTML page that needs nothing else: no network, no fonts or scripts of others, opened from disk or sent
 * by mail. What comes from data is escaped, and a content security policy lets nothing run but the page's own script. It
 * follows the reader's light or dark scheme and the width of the window, and reads well without seeing it.
 * @throws UnlabelError `INVALID_OPTION` for images of more than 8 MiB; `SHAPE_MISMATCH` where samples, places and
 *   thumbnails differ in number; `PEER_MISSING` without vega
 */
export async function renderReport(data: ReportData): Promise<string> {
  requireFitting(data);
  const figures = await drawFigures(data);
  const sections = sectionsOf(data, figures);
  const [styles, script] = [`${pageStyles()}${imageStyles(data)}`, pageScript()];
  const policy = `default-src 'none'; img-src data:; style-src '${await hashOf(styles)}'; script-src '${await hashOf(script)}'; base-uri 'none'; form-action 'none'`;
  return html`${trusted('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${data.title}</title>
<style>${trusted(styles)}</style>
</head>
<body>
<header><div><h1>${data.title}</h1>${data.subtitle ? html`<p class="subtitle">${data.subtitle}</p>` : undefined}</div>
<button id="theme" type="button" aria-pressed="false" hidden>Dark</button></header>
<main>
${opening(data)}
${contents(sections)}
${sections.map(({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`)}
</main>
<footer>Made by Unlabel.</footer>
<script>${trusted(script)}</script>
</body>
</html>
`.markup;
}

/** A part of the page that its contents name. */
interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

function opening({ headline: figures = [], findings = [], warnings = [] }: ReportData): Html {
  const list = (sentences: readonly string[]) => sentences.map((sentence) => html`<li>${sentence}</li>`);
  return html`${figures.length > 0 ? headline(figures) : undefined}
${warnings.length > 0 ? html`<aside class="warnings" aria-label="Warnings"><h2>Look at this</h2><ul>${list(warnings)}</ul></aside>` : undefined}
${findings.length > 0 ? html`<ul class="findings">${list(findings)}</ul>` : undefined}`;
}

function contents(sections: readonly Section[]): Html | undefined {
  if (sections.length < 3) return undefined;
  return html`<nav aria-label="Contents"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`;
}

function sectionsOf(data: ReportData, figures: readonly Figure[]): readonly Section[] {
  const {
    tables = [],
    tradeOff,
    curves = [],
    spectrum,
    samples,
    map,
    neighbours,
    confusion,
    views,
    config,
    environment,
  } = data;
  const drawn = (title: string | undefined) => figures.filter((figure) => figure.title === title).map(figureCard);
  const section = (given: unknown, id: string, title: string, body: () => Html): readonly Section[] =>
    given === undefined ? [] : [{ id, title, body: body() }];
  return [
    ...tables.map((table, index) => ({ id: `table-${index + 1}`, title: table.title, body: dataTable(table) })),
    ...section(
      tradeOff,
      'trade-off',
      'Quality against collapse',
      () => html`<div class="grid">${drawn(tradeOff?.title)}</div>`,
    ),
    ...section(
      curves[0],
      'training',
      'Training',
      () => html`<div class="grid">${curves.flatMap(({ title }) => drawn(title))}</div>`,
    ),
    ...section(map && samples, 'map', 'Map of the features', () => html`${mapCard(data, figures)}`),
    ...section(
      neighbours && samples,
      'neighbours',
      'Nearest neighbours',
      () =>
        html`${neighbours && samples ? neighbourTable(neighbours, samples) : undefined}${samples?.labels ? html`<p class="note">Neighbours of another class are framed and marked ✗. Labels were not used in training.</p>` : undefined}`,
    ),
    ...section(
      spectrum ?? confusion,
      'features',
      'Inside the features',
      () => html`<div class="grid">${[...drawn(spectrum?.title), ...drawn(confusion?.title)]}</div>`,
    ),
    ...section(views, 'views', 'What the model saw', () => html`${views ? viewTable(views) : undefined}`),
    ...section(environment, 'environment', 'Machine and versions', () => facts(environment ?? {})),
    ...section(
      config,
      'config',
      'Config',
      () => html`<details><summary>The whole config</summary><pre tabindex="0">${config}</pre></details>`,
    ),
  ];
}

function figureCard({ title, svg, alternative }: Figure): Html {
  return html`<figure class="card"><figcaption>${title}</figcaption>${labelled(svg, alternative)}</figure>`;
}

function labelled(svg: string, alternative: string): Html {
  const { markup } = html`<svg role="img" aria-label="${alternative}" `;
  const enlarged = (_: string, width: string) => ` width="${Math.round(1.15 * Number(width))}"`; // styles let it shrink
  return trusted(
    svg.replace(/^<svg /, () => markup).replace(/ width="([\d.]+)" height="[\d.]+"(?= viewBox)/, enlarged),
  );
}

/** The map with what its script needs: a title a point, and a place to show it. */
function mapCard({ map, samples }: ReportData, figures: readonly Figure[]): Html | undefined {
  const figure = figures.find(({ title }) => map && title === mapTitle(map));
  if (!map || !samples || !figure) return undefined;
  const { thumbnails } = samples;
  const texts: MapTexts = {
    titles: map.points.map((_, row) => sampleTitle(samples, row)),
    ...(thumbnails && { sprite: [thumbnails.columns, Math.ceil(thumbnails.count / thumbnails.columns)] }),
  };
  return html`<figure class="card wide"><figcaption>${figure.title}</figcaption>${legend(samples)}
<div id="map-points" tabindex="0" role="group" aria-label="Map; arrow keys go from sample to sample">${labelled(figure.svg, figure.alternative)}
<div id="tip" role="status" hidden>${thumbnails ? html`<span class="tile thumb"></span>` : undefined}<span></span></div></div>
<p class="note">Point at a sample, or move with the arrow keys. What is near belongs together; distances between groups say little.</p></figure>
<script type="application/json" id="map-data">${jsonScript(texts)}</script>`;
}

function imageStyles({ samples, neighbours, views }: ReportData): string {
  const places =
    neighbours?.rows.flatMap(({ sample, nearest }) => [sample, ...nearest.map((other) => other.sample)]) ?? [];
  return [
    ...(samples?.thumbnails ? [spriteStyles('thumb', samples.thumbnails, places)] : []),
    ...(views
      ? [
          spriteStyles(
            'view',
            views.tiles,
            Array.from({ length: views.tiles.count }, (_, at) => at),
          ),
        ]
      : []),
  ].join('\n');
}

async function hashOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}

function requireFitting({ samples, map, neighbours, views, confusion }: ReportData): void {
  const count = samples?.names.length ?? 0;
  const rows =
    neighbours?.rows.flatMap(({ sample, nearest }) => [sample, ...nearest.map((other) => other.sample)]) ?? [];
  const cells = (confusion?.classes.length ?? 0) ** 2;
  const parts = [
    ['map.points', map?.points.length ?? count, count],
    ['samples.labels', samples?.labels?.length ?? count, count],
    ['samples.thumbnails', samples?.thumbnails?.count ?? count, count],
    ['samples, by the neighbours that name them,', Math.max(count, ...rows.map((row) => row + 1)), count],
    ['views.tiles', views?.tiles.count ?? 0, (views?.names.length ?? 0) * (views?.columns.length ?? 0)],
    ['confusion.counts', confusion?.counts.length ?? 0, cells],
  ] as const;
  for (const [name, given, wanted] of parts) {
    if (given === wanted) continue;
    throw new UnlabelError('SHAPE_MISMATCH', `${name} has ${given} entries where there should be ${wanted}.`, {
      fix: 'Give one entry for each sample, tile or cell.',
    });
  }
  const bytes = (samples?.thumbnails?.bytes.length ?? 0) + (views?.tiles.bytes.length ?? 0);
  if (bytes <= mostImageBytes) return;
  throw new UnlabelError('INVALID_OPTION', `The images of the report take ${Math.ceil(bytes / 2 ** 20)} MiB.`, {
    fix: 'Show fewer samples or smaller thumbnails: at most 8 MiB.',
  });
}
