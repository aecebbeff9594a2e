import { expect, test } from 'vitest';
import { reportFigures } from './figureFiles';
import type { Curve, ReportData } from './reportData';

const curve = (title: string, points: readonly (readonly [number, number])[]): Curve => ({
  title,
  x: 'step',
  y: 'value',
  series: [{ name: 'line', points }],
});

test('every figure is an SVG with colours of its own and a PNG of twice its size', async () => {
  const data: ReportData = {
    title: '',
    curves: [
      curve('Loss', [
        [0, 1],
        [1, 0.004],
      ]),
      curve('Loss', [[0, 1]]),
    ],
  };
  const figures = await reportFigures(data);
  expect(figures.map(({ name }) => name)).toEqual(['loss', 'loss-2']);
  for (const { svg, png } of figures) {
    expect(svg).not.toContain('var(--');
    const width = Number(/ width="(\d+)/.exec(svg)?.[1]);
    expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG');
    expect(Buffer.from(png).readUInt32BE(16)).toBe(2 * width);
  }
  expect(figures[0]?.svg).toContain('>0.2<'); // rounding of coordinates leaves labels alone
});

test('values that are not finite, and those without a logarithm, are left out', async () => {
  const points = [
    [0, 10],
    [1, Number.NaN],
    [2, 0],
    [3, 0.1],
  ] as const;
  const [figure] = await reportFigures({ title: '', spectrum: { ...curve('Spectrum', points), logarithmic: true } });
  const path = /class="mark-line[^>]*><path d="([^"]+)"/.exec(figure?.svg ?? '')?.[1];
  expect(path?.match(/[ML]/g)).toEqual(['M', 'L']);
});

test('long lines are thinned to a few hundred points', async () => {
  const points = Array.from({ length: 100_000 }, (_, step) => [step, step % 2] as const);
  const [figure] = await reportFigures({ title: '', curves: [curve('Long', points)] });
  expect(figure?.svg.length).toBeLessThan(20_000);
});
