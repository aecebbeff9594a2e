import { type ImageSample, randomStream, sizeOf, type ViewPipeline, viewSpecs } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byolViews } from './byolViews';
import { colourJitter } from './colourJitter';
import { dinoViews } from './dinoViews';
import { equalize } from './equalize';
import { erasing } from './erasing';
import { evaluationView } from './evaluationView';
import { gaussianBlur } from './gaussianBlur';
import { grayscale } from './grayscale';
import { lejepaViews } from './lejepaViews';
import { mocoV2Views } from './mocoV2Views';
import { rebuild } from './portable';
import { posterize } from './posterize';
import { randomResizedCrop } from './randomResizedCrop';
import { rotation } from './rotation';
import { simclrViews } from './simclrViews';
import { smallImageViews } from './smallImageViews';
import { solarize } from './solarize';
import { swavViews } from './swavViews';
import type { Transform } from './transform';
import { vicreglViews } from './vicreglViews';
import { viewPipeline } from './viewPipeline';

const recipes: Readonly<Record<string, ViewPipeline>> = {
  simclr: simclrViews({ size: 24 }),
  'simclr, grey': simclrViews({ size: 24, channels: 1 }),
  lejepa: lejepaViews({ global: { size: 24 }, local: { size: 12, count: 3 } }),
  byol: byolViews({ size: 24 }),
  dino: dinoViews({ global: { size: 24 }, local: { size: 12, count: 2 } }),
  'moco v2': mocoV2Views({ size: 24 }),
  'moco v2, grey': mocoV2Views({ size: 24, channels: 1 }),
  swav: swavViews({ global: { size: 24 }, local: { size: 12, count: 2 } }),
  vicregl: vicreglViews({ global: { size: 24 }, local: { size: 12, count: 2 } }),
  'vicregl, grey': vicreglViews({ channels: 1, global: { size: 24 }, local: { count: 0 } }),
  'small image': smallImageViews({ size: 20 }),
  'small image, multi-crop': smallImageViews({ size: 20, local: { count: 2, size: 8 } }),
  evaluation: evaluationView({ size: 16, channels: 3, share: 0.875 }),
  'everything that there is': viewPipeline({
    channels: 3,
    views: [
      {
        size: [18, 22],
        crop: randomResizedCrop({ interpolation: 'bicubic' }),
        flip: 0.5,
        verticalFlip: 0.5,
        transforms: [
          colourJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
          rotation({ degrees: 20, interpolation: 'bilinear', fill: 0.5 }),
          posterize(),
          equalize(),
          solarize(),
          grayscale(),
          gaussianBlur({ kernelSize: 5 }),
          erasing({ fill: 'noise', probability: 1 }),
        ],
      },
    ],
  }),
};

function image(channels: 1 | 3, seed = 7, height = 30, width = 26): ImageSample {
  const random = randomStream([seed]);
  const data = Uint8Array.from({ length: height * width * channels }, () => random.integer(256));
  return { data, height, width, channels };
}

function renderAll(views: ViewPipeline, sample: ImageSample, seed: number): Float32Array[] {
  const drawn = JSON.parse(JSON.stringify(views.draw(randomStream([seed]), sample))); // as printed
  const targets = Object.entries(views.outputs).map(
    ([name, { shape }]) => [name, new Float32Array(sizeOf(shape)).fill(Number.NaN)] as const,
  );
  views.render(sample, drawn, Object.fromEntries(targets));
  return targets.map(([, target]) => target);
}

const shapesOf = (views: ViewPipeline) => viewSpecs(views).map(({ shape }) => shape);

const flat = (value: number, channels: 1 | 3): ImageSample => ({
  data: new Uint8Array(12 * 12 * channels).fill(value),
  height: 12,
  width: 12,
  channels,
});

describe.each(Object.entries(recipes))('%s', (_, views) => {
  test('gives the same pixels for the same seed, whatever was rendered before, and finite ones', () => {
    assert(
      property(integer(), constantFrom<1 | 3>(1, 3), (seed, channels) => {
        const first = renderAll(views, image(channels), seed);
        renderAll(views, image(channels, 8, 61, 17), seed + 1);
        expect(renderAll(views, image(channels), seed)).toEqual(first);
        for (const view of first) expect(view.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  test('is rebuilt from its reference with the same pixels', async () => {
    const { portable } = views;
    if (!portable) throw new Error('not portable');
    const rebuilt = await rebuild<ViewPipeline>(structuredClone(portable));
    expect(rebuilt.outputs).toEqual(views.outputs);
    expect(renderAll(rebuilt, image(3), 5)).toEqual(renderAll(views, image(3), 5));
  });
});

test('recipes have the views that they promise', () => {
  expect(shapesOf(simclrViews({ size: 32 }))).toEqual([
    [32, 32, 3],
    [32, 32, 3],
  ]);
  expect(shapesOf(lejepaViews({ channels: 1 })).map(([height]) => height)).toEqual([224, 224, 98, 98, 98, 98, 98, 98]);
  expect(shapesOf(lejepaViews({ local: { count: 0 } })).length).toBe(2);
  expect(shapesOf(smallImageViews({ views: 3, size: [20, 24] }))[2]).toEqual([20, 24, 1]);
  expect(shapesOf(smallImageViews({ local: {} })).map(([height]) => height)).toEqual([28, 28, 12, 12, 12, 12]);
  expect(shapesOf(byolViews({ channels: 1 }))).toEqual([
    [224, 224, 1],
    [224, 224, 1],
  ]);
  expect(shapesOf(dinoViews()).map(([height]) => height)).toEqual([224, 224, ...Array(8).fill(96)]);
  expect(shapesOf(mocoV2Views()).map(([height]) => height)).toEqual([224, 224]);
  expect(shapesOf(swavViews()).map(([height]) => height)).toEqual([224, 224, ...Array(6).fill(96)]);
  expect(shapesOf(vicreglViews()).map(([height]) => height)).toEqual([224, 224, ...Array(6).fill(96)]);
  expect(shapesOf(evaluationView())).toEqual([[28, 28, 1]]);
});

test('the views of one image differ, and change with the seed; the evaluation view does not', () => {
  const [first, second] = renderAll(smallImageViews(), image(1), 1);
  expect(first).not.toEqual(second);
  expect(renderAll(smallImageViews(), image(1), 2)[0]).not.toEqual(first);
  expect(renderAll(evaluationView(), image(1), 1)).toEqual(renderAll(evaluationView(), image(1), 2));
});

test('the evaluation view of an image of the same size is the image, normalised', () => {
  const sample = image(1, 3, 28, 28);
  const [view] = renderAll(evaluationView({ normalise: { mean: [0.5], std: [0.25] } }), sample, 1);
  for (const [at, value] of sample.data.entries()) expect(view?.[at]).toBeCloseTo((value / 255 - 0.5) / 0.25, 5);
});

test('mirrors top and bottom as often as asked', () => {
  const views = viewPipeline({ channels: 1, views: [{ size: 8, crop: randomResizedCrop(), verticalFlip: 0.25 }] });
  const drawn = Array.from({ length: 400 }, (_, seed) => views.draw(randomStream([seed]), image(1)));
  expect(drawn.filter(([view]) => view?.verticalFlip).length / 400).toBeCloseTo(0.25, 1);
  expect(
    refusalOf(() => viewPipeline({ channels: 1, views: [{ size: 8, crop: randomResizedCrop(), verticalFlip: 2 }] })),
  ).toBe('INVALID_OPTION');
});

test('turns grey into RGB and RGB into luma', () => {
  const normalise = (channels: 1 | 3) => ({ mean: Array(channels).fill(0), std: Array(channels).fill(1) });
  const [colour] = renderAll(evaluationView({ size: 4, channels: 3, normalise: normalise(3) }), flat(102, 1), 1);
  for (const value of colour ?? []) expect(value).toBeCloseTo(0.4, 6);
  const green: ImageSample = { ...flat(0, 3), data: flat(0, 3).data.map((_, at) => (at % 3 === 1 ? 255 : 0)) };
  const [grey] = renderAll(evaluationView({ size: 4, normalise: normalise(1) }), green, 1);
  for (const value of grey ?? []) expect(value).toBeCloseTo(0.587, 6);
});

test.each([
  ['byol', byolViews({ size: 32 }), [1, 0.1], [0, 0.2]],
  [
    'vicregl',
    vicreglViews({ global: { size: 32 }, local: { size: 16, count: 3 } }),
    [1, 0.1, 1, 0.1, 1],
    [0, 0.2, 0, 0.2, 0],
  ],
  ['dino', dinoViews({ global: { size: 32 }, local: { size: 16, count: 1 } }), [1, 0.1, 0.5], [0, 0.2, 0]],
])('%s blurs and solarizes each of its views as often as the paper says', (_, views, blur, solarization) => {
  const drawn = Array.from({ length: 400 }, (_, seed) => views.draw(randomStream([seed]), image(3)));
  const share = (view: number, transform: number) =>
    drawn.filter((parameters) => parameters[view]?.transforms[transform] !== null).length / drawn.length;
  for (const [view, probability] of blur.entries()) expect(Math.abs(share(view, 2) - probability)).toBeLessThan(0.06);
  for (const [view, probability] of solarization.entries()) {
    expect(Math.abs(share(view, 3) - probability)).toBeLessThan(0.06);
  }
});

test('local views of small images show as much of the image as they are told', () => {
  const [, local] = smallImageViews({ views: 1, local: { count: 1, scale: [0.25, 0.25] }, ratio: [1, 1] }).draw(
    randomStream([1]),
    { ...image(1), width: 30, height: 30 },
  );
  expect(local?.region.height).toBeCloseTo(15, 6);
});

test('options of the small-image recipe change what is drawn', () => {
  const flips = (flip: number) => {
    const views = smallImageViews({ flip });
    const drawn = Array.from({ length: 200 }, (_, seed) => views.draw(randomStream([seed]), image(1)));
    return drawn.flat().filter((view) => view.flip).length / 400;
  };
  expect(flips(0)).toBe(0);
  expect(flips(0.5)).toBeCloseTo(0.5, 1);
  const [view] = smallImageViews({ scale: [0.25, 0.25], ratio: [1, 1] }).draw(randomStream([1]), {
    ...image(1),
    width: 30,
  });
  expect(view?.region).toMatchObject({ height: 15, width: 15 });
  const still = renderAll(
    smallImageViews({ jitter: {}, scale: [1, 1], ratio: [1, 1], flip: 0 }),
    image(1, 3, 28, 28),
    1,
  );
  expect(still[0]).toEqual(renderAll(evaluationView(), image(1, 3, 28, 28), 1)[0]);
});

describe('a transform of one’s own', () => {
  const invert: Transform<true> = {
    name: 'invert',
    draw: () => true,
    apply: ({ data }) => {
      for (const [at, value] of data.entries()) data[at] = 1 - value;
    },
  };
  const crop = randomResizedCrop();

  test('runs in the chain, before the normalisation', () => {
    const views = viewPipeline({
      channels: 1,
      views: [{ size: 4, crop, transforms: [invert] }],
      normalise: { mean: [1], std: [0.5] },
    });
    for (const value of renderAll(views, flat(255, 1), 1)[0] ?? []) expect(value).toBeCloseTo(-2, 5);
  });

  test('stands anywhere in the chain, and sees the planes that other transforms leave', () => {
    const seen: number[][] = [];
    const swap: Transform<true> = {
      name: 'swap',
      draw: () => true,
      apply: ({ data, height, width }) => {
        const area = height * width;
        seen.push(Array.from([0, 1, 2], (channel) => data[channel * area] ?? 0));
        data.copyWithin(0, 2 * area); // blue becomes red
      },
    };
    const half = colourJitter({ brightness: [0.5, 0.5] });
    const views = viewPipeline({ channels: 3, views: [{ size: [2, 3], crop, transforms: [half, swap, half, swap] }] });
    const blue: ImageSample = { ...flat(0, 3), data: flat(0, 3).data.map((_, at) => (at % 3 === 2 ? 204 : 0)) };
    const [view] = renderAll(views, blue, 1);
    for (const [at, value] of (view ?? []).entries()) expect(value).toBeCloseTo(at % 3 === 1 ? 0 : 0.2, 6);
    for (const [at, expected] of [0, 0, 0.4, 0.2, 0, 0.2].entries()) expect(seen.flat()[at]).toBeCloseTo(expected, 6);
  });

  test('makes a pipeline portable only if it names its module', () => {
    const withInvert = (transform: Transform) =>
      viewPipeline({ channels: 1, views: [{ size: 4, crop, transforms: [colourJitter(), transform] }] }).portable;
    expect(withInvert(invert)).toBeUndefined();
    expect(withInvert({ ...invert, portable: { module: 'invert', factory: 'invert', options: {} } })).toBeDefined();
  });
});

describe('the plan', () => {
  const crop = randomResizedCrop();
  const source = { height: 20, width: 30 };
  const region = { top: 1, left: 2, height: 3, width: 4 };

  test('is what the transforms do, with what they drew and their options, and without those that are left out', () => {
    const transforms = [
      colourJitter({ brightness: 0.5 }),
      solarize({ threshold: 0.7 }),
      gaussianBlur({ kernelSize: 3 }),
      grayscale(),
    ];
    const { plan } = viewPipeline({ channels: 1, locations: true, views: [{ size: 8, crop, transforms }] });
    expect(plan).toMatchObject({ opaque: [], mean: [0], std: [1] });
    expect(plan?.resize).toEqual([{ edge: 'crop', antialias: true, interpolation: 'bilinear' }]);
    const drawn = [[{ kind: 'brightness', factor: 0.8 }] as const, true, { sigma: 1 }, null];
    const [view] = plan?.views([{ region, flip: true, verticalFlip: false, transforms: drawn }], source) ?? [];
    const side = Math.exp(-0.5) / (1 + 2 * Math.exp(-0.5));
    expect(view).toMatchObject({ region, flip: true, verticalFlip: false });
    expect(view?.location).toEqual([1 / 30, 6 / 30, 4 / 30, 2 / 30]);
    expect(view?.steps.slice(0, 2)).toEqual([
      { kind: 'brightness', factor: 0.8 },
      { kind: 'solarize', threshold: 0.7 },
    ]);
    const [, , blur] = view?.steps ?? [];
    const weights = blur?.kind === 'blur' ? Array.from(blur.weights) : [];
    expect(weights).toEqual([expect.closeTo(1 - 2 * side, 12), expect.closeTo(side, 12)]);
    expect(view?.steps).toHaveLength(3);
  });

  test('names the transforms that do not say what they do, and refuses views that drew something for one', () => {
    const { plan } = viewPipeline({ channels: 1, views: [{ count: 2, size: 8, crop, transforms: [posterize()] }] });
    expect(plan?.opaque).toEqual(['posterize']);
    const drawn = (value: true | null) => ({ region, flip: false, verticalFlip: false, transforms: [value] });
    expect(plan?.views([drawn(null), drawn(null)], source).map(({ steps }) => steps)).toEqual([[], []]);
    expect(refusalOf(() => plan?.views([drawn(null), drawn(true)], source))).toBe('INVALID_OPTION');
    expect(refusalOf(() => plan?.views([], source))).toBe('INVALID_OPTION');
  });
});

describe('refuses', () => {
  const crop = randomResizedCrop();
  test.each([
    ['no views', { channels: 1, views: [] }],
    ['a size that is no number of pixels', { channels: 1, views: [{ size: 2.5, crop }] }],
    ['statistics of other channels', { channels: 3, views: [{ size: 2, crop }], normalise: { mean: [0], std: [1] } }],
    ['a std of 0', { channels: 1, views: [{ size: 2, crop }], normalise: { mean: [0], std: [0] } }],
  ] as const)('%s', (_, options) => {
    expect(refusalOf(() => viewPipeline(options))).toBe('INVALID_OPTION');
  });

  test('what another pipeline drew, and targets that lack a view', () => {
    const views = evaluationView();
    const drawn = views.draw(randomStream([1]), image(1));
    const target = new Float32Array(784);
    expect(refusalOf(() => views.render(image(1), [], { 'views/0': target }))).toBe('INVALID_OPTION');
    expect(refusalOf(() => views.render(image(1), drawn, { 'views/1': target }))).toBe('INVALID_OPTION');
  });

  test('a reference to a factory that its module lacks', async () => {
    const { portable } = evaluationView();
    const missing = rebuild({ module: portable?.module ?? '', factory: 'absent', options: {} });
    await expect(missing).rejects.toMatchObject({ code: 'PLUGIN_INVALID' });
  });
});

describe('locations', () => {
  const crop = (left: number, width: number) => ({
    edge: 'crop' as const,
    antialias: true,
    draw: () => ({ top: 5, left, height: 10, width }),
  });
  const located = (flip: number, verticalFlip = 0) =>
    viewPipeline({ channels: 1, locations: true, views: [{ size: 4, crop: crop(10, 20), flip, verticalFlip }] });

  test('are the edges of what a view shows, in shares of the longer side; those that a mirror swaps change places', () => {
    const wide = image(1, 7, 20, 40);
    expect(located(0).outputs['locations/0']).toEqual({ shape: [4], dtype: 'float32' });
    expect(renderAll(located(0), wide, 1)[1]).toEqual(Float32Array.of(5 / 40, 10 / 40, 15 / 40, 30 / 40));
    expect(renderAll(located(1), wide, 1)[1]).toEqual(Float32Array.of(5 / 40, 30 / 40, 15 / 40, 10 / 40));
    expect(renderAll(located(0, 1), wide, 1)[1]).toEqual(Float32Array.of(15 / 40, 10 / 40, 5 / 40, 30 / 40));
  });

  test('agree with the pixels: a view of a ramp has at each place the value of the ramp there', () => {
    const ramp = { data: Uint8Array.from({ length: 64 * 64 }, (_, at) => 4 * (at % 64)), height: 64, width: 64 };
    const normalise = { mean: [0], std: [1] };
    const views = vicreglViews({ channels: 1, global: { size: 16 }, local: { count: 0 }, normalise });
    const parameters = views.draw(randomStream([3]), { ...ramp, channels: 1 });
    for (const flip of [true, false]) {
      const drawn = parameters.map((view) => ({ ...view, flip, transforms: view.transforms.map(() => null) }));
      const [view, location] = [new Float32Array(256), new Float32Array(4)];
      const targets = { 'views/1': new Float32Array(256), 'locations/1': new Float32Array(4) };
      views.render({ ...ramp, channels: 1 }, drawn, { 'views/0': view, 'locations/0': location, ...targets });
      const [, left = 0, , right = 0] = location;
      expect(left > right).toBe(flip);
      for (let column = 1; column < 15; column++) {
        const place = left + ((column + 0.5) / 16) * (right - left);
        expect(view[column]).toBeCloseTo((4 * (64 * place - 0.5)) / 255, 2);
      }
    }
  });
});
