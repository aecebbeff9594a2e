import { type RowSample, randomStream, sizeOf, type ViewPipeline } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { describe, expect, test } from 'vitest';
import { featureDropout } from './featureDropout';
import { rowNoise } from './rowNoise';
import { rowPipeline } from './rowPipeline';
import { readRowTable } from './rowTable';
import { rowViews } from './rowViews';
import { scarfCorruption } from './scarfCorruption';
import { scarfViews } from './scarfViews';
import { vimeCorruption } from './vimeCorruption';
import { vimeViews } from './vimeViews';

const row = (...values: number[]): RowSample => ({ data: Float32Array.from(values) });
const reference = { data: Float32Array.of(10, 20, 30, 40, 11, 21, 31, 41), features: 4 };
const wide = { data: new Float32Array(1000), features: 10 };
const ten = { data: new Float32Array(10) };
const seeds = Array.from({ length: 2000 }, (_, seed) => seed);

function render<P>(views: ViewPipeline<P, RowSample>, sample: RowSample, seed = 1, drawn?: P): number[][] {
  const targets = Object.entries(views.outputs).map(
    ([name, { shape }]) => [name, new Float32Array(sizeOf(shape)).fill(Number.NaN)] as const,
  );
  const parameters = drawn ?? JSON.parse(JSON.stringify(views.draw(randomStream([seed]), sample)));
  views.render(sample, parameters, Object.fromEntries(targets));
  return targets.map(([, target]) => [...target]);
}

describe('SCARF', () => {
  test('takes the features that were drawn from the rows that were drawn', () => {
    const drawn = [[], [{ features: [0, 2], rows: [1, 0] }]];
    expect(render(scarfViews({ reference }), row(1, 2, 3, 4), 1, drawn)).toEqual([
      [1, 2, 3, 4],
      [11, 2, 30, 4],
    ]);
  });

  test('replaces ⌊0.6 M⌋ features, each as often as another, from every row', () => {
    const drawn = seeds.flatMap((seed) => scarfCorruption({ reference: wide }).draw(randomStream([seed]), ten) ?? []);
    const count = (feature: number) => drawn.filter(({ features }) => features.includes(feature)).length;
    for (const { features } of drawn) expect(features.length).toBe(6);
    for (let feature = 0; feature < 10; feature++) {
      expect(Math.abs(count(feature) / seeds.length - 0.6)).toBeLessThan(0.045); // 4σ
    }
    expect(new Set(drawn.flatMap(({ rows }) => rows)).size).toBe(100);
    const some = (share: number) =>
      scarfCorruption({ reference: { data: new Float32Array(5), features: 5 }, share }).draw(
        randomStream([1]),
        row(0, 0, 0, 0, 0),
      )?.features.length;
    expect([0, 0.5, 0.6, 1].map(some)).toEqual([0, 2, 3, 5]);
  });

  test('normalises both views by the statistics that it is given', () => {
    const normalise = { mean: [1, 0, 0, 0], std: [2, 1, 1, 10] };
    const [anchor] = render(scarfViews({ reference, normalise }), row(5, 2, 3, 40));
    expect(anchor).toEqual([2, 2, 3, 4]);
  });
});

describe('VIME', () => {
  test('tells which features differ, and what they were', () => {
    const drawn = { features: [0, 1, 3], rows: [0, 1, 0] };
    expect(render(vimeViews({ reference }), row(1, 21, 3, 4), 1, drawn)).toEqual([
      [10, 21, 3, 40],
      [1, 21, 3, 4],
      [1, 0, 0, 1],
    ]);
    const normalise = { mean: [0, 1, 0, 0], std: [1, 10, 1, 1] };
    expect(render(vimeViews({ reference, normalise }), row(1, 21, 3, 4), 1, drawn).map((values) => values[1])).toEqual([
      2, 2, 0,
    ]);
  });

  test('replaces each feature with probability 0.3', () => {
    const drawn = seeds.flatMap((seed) => vimeCorruption({ reference: wide }).draw(randomStream([seed]), ten) ?? []);
    const share = drawn.reduce((sum, { features }) => sum + features.length, 0) / (10 * seeds.length);
    expect(Math.abs(share - 0.3)).toBeLessThan(0.013); // 4σ
    expect(new Set(drawn.map(({ features }) => features.length)).size).toBeGreaterThan(5);
  });
});

describe('noise and dropout', () => {
  test('have the σ and the probability that they are given', () => {
    const noise = new Float32Array(20_000);
    rowNoise({ sigma: 0.5 }).apply(noise, { seed: 3 });
    expect(Math.abs(Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / 20_000) - 0.5)).toBeLessThan(
      0.015,
    );
    const missing = seeds.map(
      (seed) => featureDropout({ probability: 0.2 }).draw(randomStream([seed]), wide)?.features.length ?? 0,
    );
    const perRow = missing.reduce((sum, count) => sum + count, 0) / seeds.length / wide.data.length;
    expect(Math.abs(perRow - 0.2)).toBeLessThan(0.002);
    const values = Float32Array.of(1, 2, 3);
    featureDropout({ value: -1 }).apply(values, { features: [0, 2] });
    expect([...values]).toEqual([-1, 2, -1]);
  });

  test('come after the normalisation, and leave rows alone where both are 0', () => {
    const normalise = { mean: [1, 1], std: [2, 4] };
    const still = rowViews({ features: 2, noise: 0, dropout: 0, normalise });
    expect(render(still, row(3, 9))).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(render(rowViews({ features: 2, noise: 0, dropout: 1, normalise }), row(3, 9))[0]).toEqual([0, 0]);
    const [first, second] = render(rowViews({ features: 2 }), row(3, 9));
    expect(first).not.toEqual(second);
  });
});

test('a table has all rows of a data set, or a seeded choice in their order', async () => {
  const dataset = { name: 'table', length: 50, read: (index: number) => row(index, -index) };
  expect((await readRowTable(dataset)).data.length).toBe(100);
  const some = await readRowTable(dataset, { most: 7, seed: 3 });
  const firsts = [...some.data].filter((_, at) => at % 2 === 0);
  expect(firsts).toEqual([...new Set(firsts)].sort((a, b) => a - b));
  expect(firsts.length).toBe(7);
  expect(await readRowTable(dataset, { most: 7, seed: 3 })).toEqual(some);
  expect(await readRowTable(dataset, { most: 7, seed: 4 })).not.toEqual(some);
  await expect(readRowTable({ ...dataset, length: 0 })).rejects.toMatchObject({ code: 'DATASET_EMPTY' });
  const ragged = { ...dataset, read: (index: number) => row(...Array(index + 1).fill(0)) };
  await expect(readRowTable(ragged)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
});

test('refuses what is out of range, references that are no table, and rows of another length', () => {
  for (const refused of [
    () => scarfCorruption({ reference, share: 1.1 }),
    () => scarfCorruption({ reference: { data: new Float32Array(5), features: 2 } }),
    () => scarfCorruption({ reference: { data: new Float32Array(), features: 2 } }),
    () => vimeCorruption({ reference: { data: Float32Array.of(1, Number.NaN), features: 2 } }),
    () => vimeCorruption({ reference, probability: -1 }),
    () => scarfViews({ reference, normalise: { mean: [0], std: [1] } }),
    () => rowNoise({ sigma: -1 }),
    () => featureDropout({ probability: 3 }),
    () => rowViews({ features: 0 }),
    () => rowViews({ features: 2, normalise: { mean: [0, 0], std: [1, 0] } }),
    () => rowPipeline({ features: 2, views: [] }),
    () => rowPipeline({ features: 2, views: [{ count: 0 }] }),
  ]) {
    expect(refusalOf(refused)).toBe('INVALID_OPTION');
  }
  const act = (views: ViewPipeline<unknown, RowSample>) => refusalOf(() => views.draw(randomStream([1]), row(1)));
  expect([scarfViews({ reference }), vimeViews({ reference }), rowViews({ features: 2 })].map(act)).toEqual(
    Array(3).fill('SHAPE_MISMATCH'),
  );
});
