import { randomStream, type SeriesSample, sizeOf, type ViewPipeline } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { describe, expect, test } from 'vitest';
import { audioViews } from './audioViews';
import { colaViews } from './colaViews';
import { gain } from './gain';
import { seriesPipeline } from './seriesPipeline';
import { seriesViews } from './seriesViews';

const ramp = (length: number, channels = 1, rate?: number): SeriesSample => ({
  data: Float32Array.from({ length: length * channels }, (_, at) => at),
  length,
  channels,
  ...(rate !== undefined && { rate }),
});
const tone = (hertz: number, rate: number, length: number): SeriesSample => ({
  data: Float32Array.from({ length }, (_, step) => Math.sin((2 * Math.PI * hertz * step) / rate)),
  length,
  channels: 1,
  rate,
});
const seeds = Array.from({ length: 300 }, (_, seed) => seed);

function render<P>(views: ViewPipeline<P, SeriesSample>, sample: SeriesSample, seed = 1, drawn?: P): Float32Array[] {
  const targets = Object.entries(views.outputs).map(
    ([name, { shape }]) => [name, new Float32Array(sizeOf(shape)).fill(Number.NaN)] as const,
  );
  const parameters = drawn ?? JSON.parse(JSON.stringify(views.draw(randomStream([seed]), sample)));
  views.render(sample, parameters, Object.fromEntries(targets));
  return targets.map(([, target]) => target);
}

describe('a crop', () => {
  const crop = (length: number, place: 'random' | 'centre' = 'random', channels = 1) =>
    seriesPipeline({ channels, views: [{ length, place }] });

  test('shows every part of a series, as it is', () => {
    const starts = seeds.map((seed) => render(crop(4), ramp(7), seed)[0]?.[0]);
    expect(new Set(starts)).toEqual(new Set([0, 1, 2, 3]));
    const [view] = render(crop(2, 'centre', 2), ramp(4, 2));
    expect([...(view ?? [])]).toEqual([2, 3, 4, 5]);
  });

  test('shows all of a shorter one, somewhere among zeros', () => {
    const [view] = render(crop(5, 'centre'), { data: Float32Array.of(1, 2, 3), length: 3, channels: 1 });
    expect([...(view ?? [])]).toEqual([0, 1, 2, 3, 0]);
    const places = seeds.map((seed) => crop(5).draw(randomStream([seed]), ramp(3))[0]?.extent.start);
    expect(new Set(places)).toEqual(new Set([-2, -1, 0]));
  });
});

describe('resampling', () => {
  test('from 8 to 16 kHz gives the same tone, and keeps what is constant', () => {
    const views = seriesPipeline({ rate: 16_000, views: [{ length: 400, place: 'centre' }] });
    const drawn = [{ extent: { start: 50, length: 200 }, transforms: [] }];
    const [view] = render(views, tone(440, 8000, 400), 1, drawn);
    for (const [step, value] of (view ?? []).entries()) {
      expect(Math.abs(value - Math.sin((2 * Math.PI * 440 * (50 + step / 2)) / 8000))).toBeLessThan(2e-3);
    }
    const flat = { data: new Float32Array(400).fill(0.7), length: 400, channels: 1, rate: 8000 };
    for (const value of render(views, flat, 1, drawn)[0] ?? []) expect(value).toBeCloseTo(0.7, 6);
  });

  test('to a lower rate takes away what that cannot hold', () => {
    const views = seriesPipeline({ rate: 8000, views: [{ length: 400 }] });
    const drawn = [{ extent: { start: 100, length: 800 }, transforms: [] }];
    const loudest = (hertz: number) => Math.max(...(render(views, tone(hertz, 16_000, 1000), 1, drawn)[0] ?? []));
    expect(loudest(1000)).toBeCloseTo(1, 1);
    expect(loudest(6000)).toBeLessThan(0.02);
  });

  test('goes by the rate of each recording, and by the speed that is drawn', () => {
    const views = seriesPipeline({ rate: 16_000, views: [{ length: 100, speed: [0.5, 2] }] });
    const shown = seeds.map((seed) => views.draw(randomStream([seed]), ramp(1000, 1, 8000))[0]?.extent.length ?? 0);
    expect(Math.min(...shown)).toBeGreaterThanOrEqual(25);
    expect(Math.max(...shown)).toBeLessThanOrEqual(100);
    expect(Math.max(...shown) - Math.min(...shown)).toBeGreaterThan(70);
    const plain = seriesPipeline({ rate: 16_000, views: [{ length: 100 }] });
    expect(plain.draw(randomStream([1]), ramp(1000))[0]?.extent.length).toBe(100); // no rate: as it is
  });

  test('twice as fast, a tone is an octave higher', () => {
    const views = seriesPipeline({ views: [{ length: 200, speed: [2, 2] }] });
    const [view] = render(views, tone(100, 8000, 1000), 1, [{ extent: { start: 0, length: 400 }, transforms: [] }]);
    for (let step = 20; step < 200; step++) {
      expect(Math.abs((view?.[step] ?? 0) - Math.sin((2 * Math.PI * 200 * step) / 8000))).toBeLessThan(2e-3);
    }
  });
});

describe('recipes', () => {
  const shapes = <P>(views: ViewPipeline<P, SeriesSample>) => Object.values(views.outputs).map(({ shape }) => shape);

  test('have the views that they promise', () => {
    expect(shapes(audioViews())).toEqual([
      [16_000, 1],
      [16_000, 1],
    ]);
    expect(shapes(audioViews({ logMel: { bands: 40 } }))).toEqual([
      [98, 40],
      [98, 40],
    ]);
    expect(shapes(colaViews())).toEqual([
      [96, 64],
      [96, 64],
    ]);
    expect(shapes(seriesViews({ channels: 9 }))).toEqual([
      [128, 9],
      [128, 9],
    ]);
  });

  test('of audio mix several channels down', () => {
    const stereo: SeriesSample = { data: Float32Array.of(1, 3, 2, 4, 5, 5), length: 3, channels: 2 };
    const [view] = render(audioViews({ length: 3, gain: [0, 0], speed: [1, 1], snr: [300, 300], views: 1 }), stereo);
    expect([...(view ?? [])].map(Math.abs)).toEqual([2, 3, 5].map((value) => expect.closeTo(value, 4)));
  });

  test('of audio change with each of their options', () => {
    const sample = tone(300, 16_000, 20_000);
    const still = { length: 1000, views: 1, gain: [0, 0], speed: [1, 1], snr: [300, 300] } as const;
    const view = (options: object) => render(audioViews({ ...still, ...options }), sample, 6)[0];
    const plain = view({});
    for (const options of [{ gain: [3, 3] }, { speed: [0.8, 0.8] }, { snr: [0, 0] }, { rate: 8000 }]) {
      expect(view(options)).not.toEqual(plain);
    }
    const features = view({ logMel: {} }) ?? new Float32Array();
    expect(features.length).toBe(4 * 64);
  });

  test('of time series have a weak view, which keeps the order, and a strong one, which does not', () => {
    const views = seriesViews({ length: 64, jitter: 0, segments: 8 });
    const sample = ramp(64);
    const correlations = seeds.slice(0, 50).map((seed) => {
      const [weak = new Float32Array(), strong = new Float32Array()] = render(views, sample, seed);
      const against = (view: Float32Array) => view.reduce((sum, value, step) => sum + value * (step - 31.5), 0);
      const rootPower = (view: Float32Array) => Math.sqrt(view.reduce((sum, value) => sum + value * value, 0) * 21_840);
      return [Math.abs(against(weak)) / rootPower(weak), Math.abs(against(strong)) / rootPower(strong)];
    });
    for (const [weak = 0] of correlations) expect(weak).toBeCloseTo(1, 3);
    expect(correlations.filter(([, strong = 1]) => strong < 0.9).length).toBeGreaterThan(25);
  });
});

test('a pipeline with a transform that is not portable is not portable itself', () => {
  const { portable, ...own } = gain();
  expect(portable).toBeDefined();
  expect(seriesPipeline({ views: [{ length: 4, transforms: [own] }] }).portable).toBeUndefined();
  expect(seriesPipeline({ views: [{ length: 4, transforms: [gain()] }] }).portable).toBeDefined();
});

test('refuses what makes no view, and samples that do not fit', () => {
  for (const refused of [
    () => seriesPipeline({ views: [] }),
    () => seriesPipeline({ views: [{ length: 0 }] }),
    () => seriesPipeline({ views: [{ length: 4, count: 0 }] }),
    () => seriesPipeline({ views: [{ length: 4, speed: [0, 1] }] }),
    () => seriesPipeline({ views: [{ length: 4 }], rate: -1 }),
    () => seriesPipeline({ views: [{ length: 4 }], channels: 0 }),
    () => colaViews({ length: 300 }),
    () => colaViews().render(ramp(9), [], {}),
  ]) {
    expect(refusalOf(refused)).toBe('INVALID_OPTION');
  }
  const views = seriesViews({ channels: 2 });
  const empty: SeriesSample = { data: new Float32Array(), length: 0, channels: 2 };
  expect(refusalOf(() => views.draw(randomStream([1]), empty))).toBe('SAMPLE_EMPTY');
  expect(refusalOf(() => views.draw(randomStream([1]), ramp(9, 3)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => audioViews().draw(randomStream([1]), { ...ramp(9, 2), length: 5 }))).toBe('SHAPE_MISMATCH');
});
