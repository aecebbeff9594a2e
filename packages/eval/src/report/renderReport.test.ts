import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { findChromium, visitFile } from '@unlabel/testkit';
import { beforeAll, expect, test } from 'vitest';
import { renderReport } from './renderReport';
import type { ReportData, Sprite } from './reportData';

const hostile = `"><img src=x onerror=globalThis.taken=1>'</script><script>taken=1</script>`;

/** Four coloured squares, two by two. */
const sprite: Sprite = {
  bytes: new Uint8Array(
    new Resvg(
      '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"><path fill="red" d="M0 0h16v16H0z"/><path fill="lime" d="M16 0h16v16H16z"/><path fill="blue" d="M0 16h16v16H0z"/><path d="M16 16h16v16H16z"/></svg>',
    )
      .render()
      .asPng(),
  ),
  type: 'image/png',
  columns: 2,
  count: 4,
};

const line = Array.from({ length: 900 }, (_, step) => [step, Math.exp(-step / 300)] as const);

const data: ReportData = {
  title: `Run ${hostile}`,
  subtitle: 'simclr on fashion-mnist',
  headline: [{ label: 'knn', value: '82.10 %', note: hostile, tone: 'good' }],
  findings: ['The encoder is above pixels.'],
  warnings: [hostile],
  tables: [
    {
      title: 'Evaluation',
      columns: [{ title: 'features' }, { title: hostile, best: 'max', align: 'right' }],
      rows: [
        ['raw pixels', { text: '80.00', value: 0.8 }],
        [hostile, { text: '82.10', value: 0.821, note: '± 0.3', tone: 'good' }],
      ],
    },
  ],
  tradeOff: {
    title: 'Quality and collapse',
    x: 'rank',
    y: 'accuracy',
    points: [
      { name: hostile, x: 40, y: 82, interval: [81, 83], tone: 'good' },
      { name: 'b', x: 2, y: 60, tone: 'bad' },
    ],
  },
  curves: [{ title: 'Loss', x: 'step', y: 'loss', series: [{ name: hostile, points: line }] }],
  spectrum: {
    title: 'Spectrum',
    x: 'rank',
    y: 'value',
    logarithmic: true,
    series: [{ name: 's', points: line.slice(0, 64) }],
  },
  samples: {
    names: ['a.png', hostile, 'c.png', 'd.png'],
    labels: [0, 0, 1, 1],
    classes: ['bag', hostile],
    thumbnails: sprite,
  },
  map: {
    method: 'PCA',
    points: [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ],
  },
  neighbours: {
    measure: 'cosine similarity',
    rows: [
      {
        sample: 1,
        nearest: [
          { sample: 0, similarity: 0.9 },
          { sample: 2, similarity: 0.1 },
        ],
      },
    ],
  },
  confusion: { title: 'Confusion', classes: ['bag', hostile], counts: [9, 1, 2, 8] },
  views: { columns: ['original', 'view 1'], names: ['a.png', hostile], tiles: sprite, scales: [1, 0.5] },
  config: `objective: ${hostile}`,
  environment: { node: 'v20', machine: hostile },
};

let page: string;
let path: string;
beforeAll(async () => {
  page = await renderReport(data);
  path = join(await mkdtemp(join(tmpdir(), 'unlabel-report-')), 'report.html');
  await writeFile(path, page);
});

test('what comes from data is escaped everywhere', () => {
  expect(page).not.toContain('<img');
  expect(page).not.toContain('</script><script>');
  expect(page).toContain('&lt;img src=x onerror=globalThis.taken=1&gt;');
});

test('the page names no place but itself', () => {
  expect(page).not.toMatch(/<(?:script|link|iframe|object|embed|form)[^>]* (?:src|href|data|action)=/);
  expect(page.match(/https?:\/\/[^"\s]+/g)?.every((url) => url.startsWith('http://www.w3.org/'))).toBe(true);
});

test('the best of a column stands out, and neighbours of another class are marked in words, not by colour alone', () => {
  expect(page).toContain('<strong>82.10</strong>');
  expect(page).not.toContain('<strong>80.00</strong>');
  expect(page).toContain('0.10 ✗');
  expect(page).not.toContain('0.90 ✗');
});

test('sections whose data is missing are left out', async () => {
  const { title } = data;
  const bare = await renderReport({ title });
  expect(bare).not.toMatch(/<section|<figure|<nav|<dl/);
  const some = await renderReport({ title, config: 'seed: 0' });
  expect(some.match(/<section id="[^"]+"/g)).toEqual(['<section id="config"']);
});

const mismatched: readonly [string, Partial<ReportData>][] = [
  ['a map of other samples', { map: { method: 'PCA', points: [[0, 0]] } }],
  ['a neighbour that is no sample', { neighbours: { measure: '', rows: [{ sample: 4, nearest: [] }] } }],
  ['a confusion matrix that is not square', { confusion: { title: '', classes: ['a', 'b'], counts: [1, 2, 3] } }],
  ['views without tiles', { views: { columns: ['a'], names: ['b'], tiles: sprite } }],
];
test.each(mismatched)('%s is refused', async (_, part) => {
  await expect(renderReport({ ...data, ...part })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
});

test('images of more than 8 MiB are refused', async () => {
  const thumbnails = { ...sprite, bytes: new Uint8Array(9 * 2 ** 20) };
  await expect(renderReport({ title: '', samples: { names: ['', '', '', ''], thumbnails } })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  });
});

/** What a reader finds on the page: run there, as text. */
const look = `(async () => {
  const map = document.querySelector('#map-points');
  map.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
  map.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
  const tip = document.querySelector('#tip');
  const told = tip.textContent;
  const box = document.querySelectorAll('#map-points .mark-symbol path')[2].getBoundingClientRect();
  map.dispatchEvent(new PointerEvent('pointermove', { clientX: box.x + 2, clientY: box.y + 2 }));
  const pointed = tip.textContent;
  const colourOf = () => getComputedStyle(document.body).backgroundColor;
  const before = colourOf();
  document.querySelector('#theme').click();
  const image = new Image();
  image.src = /url\\("?(data:[^")]+)/.exec(getComputedStyle(document.querySelector('.thumb')).backgroundImage)[1];
  await image.decode();
  return {
    taken: 'taken' in globalThis,
    figures: document.querySelectorAll('figure svg[role=img][aria-label]').length,
    sections: document.querySelectorAll('section h2').length,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    unlabelled: [...document.querySelectorAll('[role=img]')].filter((image) => !image.getAttribute('aria-label')).length,
    lightness: [before, colourOf()].map((colour) => colour.match(/\\d+/g).map(Number)[0] > 128 ? 'light' : 'dark'),
    told, pointed, sprite: image.naturalWidth,
  };
})()`;

const seen = {
  taken: false,
  figures: 5,
  sections: 9,
  overflow: 0,
  unlabelled: 0,
  told: `${hostile}, bag`,
  pointed: `c.png, ${hostile}`,
  sprite: 32,
};

test.skipIf((await findChromium()) === undefined)(
  'opened from disk it shows every figure, light and dark, wide and narrow, without errors, network or overflow',
  async () => {
    const readers = [{}, { dark: true }, { width: 390 }, { width: 390, dark: true }];
    const visits = await visitFile(path, readers, look);
    for (const [at, { written, requests, result }] of visits.entries()) {
      expect(written).toEqual([]);
      expect(requests).toEqual([]);
      const lightness = readers[at]?.dark ? ['dark', 'light'] : ['light', 'dark']; // before and after the button
      expect(result).toEqual({ ...seen, lightness });
    }
    expect(visits).toHaveLength(4);
  },
);

test.skipIf((await findChromium()) === undefined)(
  'its policy stops scripts and images that do not belong to it',
  async () => {
    const altered = path.replace('report.html', 'altered.html');
    const foreign = '<script>globalThis.taken = 1</script><img src="https://example.org/x.png"></main>';
    await writeFile(altered, (await readFile(path, 'utf8')).replace('</main>', foreign));
    const [visit] = await visitFile(altered, [{}], "'taken' in globalThis");
    expect(visit?.result).toBe(false);
    expect(visit?.written.join()).toMatch(/Content Security Policy.*Content Security Policy/s);
  },
);
