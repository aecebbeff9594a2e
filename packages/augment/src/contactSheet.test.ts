import { type ImageSample, randomStream, sizeOf, viewSpecs } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { contactSheet } from './contactSheet';
import { dinoViews } from './dinoViews';
import { evaluationView } from './evaluationView';
import { placesOf } from './sheetLayout';
import { imageNetStatistics } from './statistics';

const red: ImageSample = {
  data: new Uint8Array(32 * 32 * 3).map((_, at) => (at % 3 ? 0 : 200)),
  height: 32,
  width: 32,
  channels: 3,
};
const pixel = ({ data, width }: ImageSample, left: number, top: number) => [
  ...data.slice((top * width + left) * 3, (top * width + left) * 3 + 3),
];

test('shows the image, and beside it what the pipeline makes of it, with colours as they were', () => {
  const views = evaluationView({ size: 32, channels: 3 });
  const sheet = contactSheet([red, red], views);
  const layout = placesOf([[32, 32]]);
  const [view = layout.original] = layout.views;
  expect([sheet.channels, sheet.data.length]).toEqual([3, sheet.height * sheet.width * 3]);
  for (const row of [0, 1]) {
    const top = layout.margin + row * layout.rowHeight;
    expect(pixel(sheet, layout.original.left + 20, top + layout.original.top + 20)).toEqual([200, 0, 0]);
    expect(pixel(sheet, view.left + 20, top + view.top + 20)).toEqual([200, 0, 0]);
    expect(pixel(sheet, view.left - 4, top + view.top + 20)).toEqual([248, 248, 248]);
  }
});

test('shows the views that a loader gives in the first epoch of that seed', () => {
  const views = dinoViews({ global: { size: 112 }, local: { count: 1, size: 48 } });
  const random = randomStream([3]);
  const noise = { ...red, data: red.data.map(() => random.integer(256)) };
  const targets = Object.fromEntries(
    viewSpecs(views).map(({ shape }, view) => [`views/${view}`, new Float32Array(sizeOf(shape))]),
  );
  views.render(noise, views.draw(randomStream([5, 'views', 0, 17]), noise), targets);
  const sheet = contactSheet([noise], views, { seed: 5, indices: [17] });
  const layout = placesOf(viewSpecs(views).map(({ shape: [height = 1, width = 1] }) => [height, width]));
  for (const [view, { left, top, zoom }] of layout.views.entries()) {
    expect(zoom).toBe(1);
    const expected = [0, 1, 2].map((channel) => {
      const value = targets[`views/${view}`]?.[channel] ?? Number.NaN;
      return Math.round(
        255 * (value * (imageNetStatistics.std[channel] ?? 0) + (imageNetStatistics.mean[channel] ?? 0)),
      );
    });
    expect(pixel(sheet, left, layout.margin + top)).toEqual(expected);
  }
});

test('keeps the relative size of views, stacks small ones, and lets none overlap', () => {
  const sizes = [...Array(2).fill([224, 224]), ...Array(8).fill([96, 96])];
  const { views, width, rowHeight, label, original } = placesOf(sizes);
  expect(views.map((place) => place.width)).toEqual([224, 224, ...Array(8).fill(96)]);
  expect(new Set(views.slice(2).map(({ left }) => left)).size).toBe(4);
  for (const [index, one] of [original, ...views].entries()) {
    expect(one.left + one.width).toBeLessThan(width);
    expect(one.top + one.height).toBeLessThan(rowHeight);
    for (const other of views.slice(index)) {
      const beside = one.left + one.width <= other.left || other.left + other.width <= one.left;
      const above = one.top + one.height + label <= other.top || other.top + other.height + label <= one.top;
      expect(beside || above).toBe(true);
    }
  }
});

test('enlarges small views by a whole factor, and takes images of any shape, grey ones too', () => {
  expect(
    placesOf([
      [28, 28],
      [14, 14],
    ]).views.map(({ width, zoom }) => [width, zoom]),
  ).toEqual([
    [112, 4],
    [56, 4],
  ]);
  const wide: ImageSample = { data: new Uint8Array(30 * 300).fill(90), height: 30, width: 300, channels: 1 };
  const tiny: ImageSample = { data: Uint8Array.of(90), height: 1, width: 1, channels: 1 };
  const sheet = contactSheet([wide, tiny], evaluationView({ size: 28 }));
  const { original } = placesOf([[28, 28]]);
  expect(pixel(sheet, original.left + 56, 20 + original.top + 56)).toEqual([90, 90, 90]);
});

test('refuses no images, other pipelines, and sheets without end', () => {
  expect(refusalOf(() => contactSheet([], evaluationView()))).toBe('INVALID_OPTION');
  expect(refusalOf(() => contactSheet(Array(3000).fill(red), evaluationView({ size: 224, channels: 3 })))).toBe(
    'INVALID_OPTION',
  );
  const text = { ...evaluationView(), modality: 'text' as const };
  expect(refusalOf(() => contactSheet([red], text))).toBe('INVALID_OPTION');
});
