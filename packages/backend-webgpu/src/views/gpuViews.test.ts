import {
  affineCrop,
  byolViews,
  type Crop,
  centreCrop,
  colourJitter,
  type DrawnView,
  dinoViews,
  evaluationView,
  gaussianBlur,
  grayscale,
  lejepaViews,
  mocoV2Views,
  randomResizedCrop,
  rotation,
  simclrViews,
  smallImageViews,
  solarize,
  type Transform,
  type ViewOptions,
  viewPipeline,
} from '@unlabel/augment';
import { cpu, type ImageSample, randomStream, sizeOf, tf, type ViewPipeline } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { registeredDevice } from '../device/tfjsDevice';
import { webgpu } from '../webgpu';
import { gpuViews } from './gpuViews';
import { packImages } from './packImages';

beforeAll(async () => {
  await webgpu().open();
});

/** Smooth shapes with some noise, as photographs have. */
function picture(height: number, width: number, channels: 1 | 3, seed = 0): ImageSample {
  const random = randomStream(['picture', seed, height, width]);
  const data = new Uint8Array(height * width * channels);
  const [a, b] = [random.uniform(0.02, 0.3), random.uniform(0.02, 0.3)];
  for (let at = 0; at < data.length; at++) {
    const [channel, x, y] = [at % channels, Math.floor(at / channels) % width, Math.floor(at / channels / width)];
    data[at] = 127 + 100 * Math.sin(a * x + channel) * Math.cos(b * y - channel) + 27 * random.uniform(-1, 1);
  }
  return { data, height, width, channels };
}

const images: readonly ImageSample[] = [
  picture(37, 53, 3),
  picture(80, 61, 3, 1),
  picture(31, 20, 1),
  picture(1, 1, 3),
  picture(1, 1, 1),
  picture(1, 9, 3),
  picture(150, 203, 3, 2),
];

const drawnBy = <Drawn>(views: ViewPipeline<Drawn>, batch: readonly ImageSample[], seed = 7) =>
  batch.map((image, index) => views.draw(randomStream([seed, index]), image));

/** The furthest that any value of the outputs is from what the pipeline itself makes of the same parameters. */
async function furthest<Drawn>(
  views: ViewPipeline<Drawn>,
  batch: readonly ImageSample[],
  drawn: readonly Drawn[] = drawnBy(views, batch),
): Promise<number> {
  const rendered = gpuViews(views).render(batch, drawn);
  expect(Object.keys(rendered)).toEqual(Object.keys(views.outputs));
  let most = 0;
  const expected = batch.map((image, index) => {
    const targets = Object.fromEntries(
      Object.entries(views.outputs).map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))]),
    );
    const parameters = drawn[index];
    if (parameters) views.render(image, parameters, targets);
    return targets;
  });
  for (const [name, { shape }] of Object.entries(views.outputs)) {
    const tensor = rendered[name];
    expect(tensor?.shape).toEqual([batch.length, ...shape]);
    const values = (await tensor?.data()) ?? [];
    for (const [index, targets] of expected.entries()) {
      const target = targets[name] ?? [];
      const first = index * target.length;
      for (let at = 0; at < target.length; at++) {
        const distance = Math.abs((values[first + at] ?? Number.NaN) - (target[at] ?? 0));
        if (!(distance <= most)) most = distance;
      }
    }
    tensor?.dispose();
  }
  return most;
}

const pipeline = (view: ViewOptions, channels: 1 | 3 = 3) => viewPipeline({ channels, views: [view] });
const whole: Crop = centreCrop();

describe('are those of the CPU, of odd sizes, single pixels, grey and coloured images:', () => {
  test.each<readonly [string, ViewPipeline<readonly DrawnView[]>]>([
    ['SimCLR', simclrViews({ size: 45 })],
    ['SimCLR in grey', simclrViews({ size: 33, channels: 1 })],
    ['BYOL', byolViews({ size: 45 })],
    ['MoCo v2', mocoV2Views({ size: 40 })],
    ['DINO', dinoViews({ global: { size: 41 }, local: { size: 23, count: 3 } })],
    ['LeJEPA', lejepaViews({ global: { size: 33, count: 1 }, local: { size: 19, count: 1 } })],
    ['small images', smallImageViews({ channels: 3, local: {} })],
    ['evaluation', evaluationView({ size: [19, 28], channels: 3, share: 0.875 })],
  ])('%s', async (name, views) => {
    const most = await furthest(views, [...images, ...images]);
    console.log(`${name}: ${most.toExponential(1)} at most`);
    expect(most).toBeLessThan(2e-5);
  });

  test('224 pixels of a photograph, and of a large one', async () => {
    expect(await furthest(simclrViews({ views: 1 }), [picture(375, 500, 3)])).toBeLessThan(2e-5);
    const large = evaluationView({ size: 32, channels: 3 });
    expect(await furthest(large, [picture(600, 901, 3)])).toBeLessThan(2e-5);
  });
});

test('all 24 orders of the jitter, at any strength', async () => {
  const kinds = ['brightness', 'contrast', 'saturation', 'hue'] as const;
  const orders = kinds.flatMap((a) =>
    kinds.flatMap((b) =>
      kinds.flatMap((c) => kinds.flatMap((d) => (new Set([a, b, c, d]).size === 4 ? [[a, b, c, d]] : []))),
    ),
  );
  expect(orders).toHaveLength(24);
  const random = randomStream(['orders']);
  const strengths = { brightness: [0, 2], contrast: [0, 3], saturation: [0, 3], hue: [-0.5, 0.5] } as const;
  const drawn = orders.map((order) => [
    {
      region: { top: 0, left: 0, height: 37, width: 53 },
      flip: false,
      verticalFlip: false,
      transforms: [order.map((kind) => ({ kind, factor: random.uniform(...strengths[kind]) }))],
    },
  ]);
  for (const channels of [1, 3] as const) {
    const views = pipeline({ size: 29, crop: randomResizedCrop(), transforms: [colourJitter()] }, channels);
    expect(await furthest(views, Array(24).fill(images[0]), drawn)).toBeLessThan(2e-5);
  }
});

test('regions on and off the grid, within the image and beyond it, with each filter, mirrored or not', async () => {
  const side = fc.integer({ min: 1, max: 40 });
  const share = fc.double({ min: 0.05, max: 1.5, noNaN: true });
  const place = fc.double({ min: -0.2, max: 0.7, noNaN: true });
  const sample = fc.record({
    height: side,
    width: side,
    grey: fc.boolean(),
    tall: share,
    wide: share,
    top: place,
    left: place,
  });
  const flips = fc.tuple(fc.boolean(), fc.boolean());
  const resize = fc.record({
    edge: fc.constantFrom('crop', 'image'),
    antialias: fc.boolean(),
    interpolation: fc.constantFrom('bilinear', 'bicubic'),
  });
  const kind = fc.record({ resize, channels: fc.constantFrom<1 | 3>(1, 3), size: fc.tuple(side, side) });
  await fc.assert(
    fc.asyncProperty(kind, fc.array(fc.tuple(sample, flips), { minLength: 8, maxLength: 8 }), async (of, samples) => {
      const batch = samples.map(([{ height, width, grey }], index) => picture(height, width, grey ? 1 : 3, index));
      const drawn = samples.map(([{ height, width, ...at }, [flip, verticalFlip]]) => {
        const top = Math.min(Math.max(at.top, -at.tall / 3), 0.9) * height;
        const left = Math.min(Math.max(at.left, -at.wide / 3), 0.9) * width;
        const region = { top, left, height: at.tall * height, width: at.wide * width };
        return [{ region, flip, verticalFlip, transforms: [] }];
      });
      const crop: Crop = { ...of.resize, draw: () => ({ top: 0, left: 0, height: 1, width: 1 }) };
      expect(await furthest(pipeline({ size: of.size, crop }, of.channels), batch, drawn)).toBeLessThan(2e-5);
    }),
    { numRuns: 40, seed: 3 },
  );
});

test('transforms in any order: contrast and solarization after a blur, two blurs', async () => {
  const blur = gaussianBlur({ kernelSize: 7, probability: 0.7 });
  const jitter = colourJitter({ brightness: 0.5, contrast: 0.8, hue: 0.3 });
  const transforms = [blur, jitter, grayscale(), solarize({ threshold: 0.5, probability: 0.5 }), blur, jitter];
  const views = pipeline({ size: [21, 35], crop: randomResizedCrop(), flip: 0.5, verticalFlip: 0.5, transforms });
  expect(await furthest(views, [...images, ...images])).toBeLessThan(2e-5);
});

test('a transform of one’s own that says its steps', async () => {
  const dim: Transform<{ readonly factor: number }> = {
    name: 'dim',
    draw: (random) => ({ factor: random.uniform(0.2, 0.9) }),
    apply: ({ data }, { factor }) => data.set(data.map((value) => value * factor)),
    steps: ({ factor }) => [{ kind: 'brightness', factor }],
  };
  expect(await furthest(pipeline({ size: 8, crop: whole, transforms: [dim] }), images)).toBeLessThan(1e-6);
});

test('where views lie', async () => {
  const views = viewPipeline({
    channels: 3,
    locations: true,
    views: [{ count: 2, size: 9, crop: affineCrop(), flip: 0.5 }],
  });
  expect(await furthest(views, images)).toBeLessThan(1e-5);
});

test('batches above 128 MiB go to the GPU in turns', async () => {
  const data = new Uint8Array(3 * 5000 * 5000);
  for (let at = 0; at < data.length; at += 7) data[at] = at % 251;
  const large = { data, height: 5000, width: 5000, channels: 3 } as const;
  const transforms = [gaussianBlur({ kernelSize: 3, probability: 1 })];
  const drawn = [4990, 3000].map((top) => [
    {
      region: { top, left: 4900, height: 10, width: 90 },
      flip: false,
      verticalFlip: false,
      transforms: [{ sigma: 1 }],
    },
  ]);
  const before = registeredDevice()?.dispatcher.dispatches ?? 0;
  expect(await furthest(pipeline({ size: 10, crop: whole, transforms }), [large, large], drawn)).toBeLessThan(1e-6);
  expect((registeredDevice()?.dispatcher.dispatches ?? 0) - before).toBe(4);
});

test('images lie behind one another, in as many buffers as the limit asks for', () => {
  const [small, large] = [picture(3, 3, 3), picture(10, 10, 3)];
  const packed = packImages([small, small, large, small], 360);
  expect(packed.map(({ first, offsets }) => ({ first, offsets }))).toEqual([
    { first: 0, offsets: [0, 27, 54] },
    { first: 3, offsets: [0] },
  ]);
  const [{ words = new Int32Array() } = {}] = packed;
  expect(new Uint8Array(words.buffer, 27, 27)).toEqual(small.data);
});

test('take a dispatch a view, and two where any of the batch is blurred; and leave no tensors', async () => {
  const views = byolViews({ size: 16, blur: [1, 0] });
  const before = { dispatches: registeredDevice()?.dispatcher.dispatches ?? 0, tensors: tf.memory().numTensors };
  const gpu = gpuViews(views);
  tf.tidy(() => {
    gpu.render(images, drawnBy(views, images));
    return undefined;
  });
  expect((registeredDevice()?.dispatcher.dispatches ?? 0) - before.dispatches).toBe(3);
  expect(tf.memory().numTensors).toBe(before.tensors);
  expect(gpu.uploadedBytes()).toBeGreaterThan(images.reduce((sum, { data }) => sum + data.length, 0));
});

describe('refuse', () => {
  const [image = picture(1, 1, 3)] = images;
  const render = (views: ViewPipeline<readonly DrawnView[]>) =>
    gpuViews(views).render([image], drawnBy(views, [image]));

  test('a pipeline with transforms that only the CPU knows, and name them', async () => {
    const transforms = [grayscale(), rotation(), colourJitter(), rotation()];
    const views = pipeline({ size: 8, crop: whole, transforms });
    const message = expect.stringContaining('transform rotation.');
    expect(() => gpuViews(views)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', message }));
    const drawn = views.draw(randomStream([0]), image);
    expect(await refusalOf(() => views.plan?.views(drawn, image))).toBe('INVALID_OPTION');
  });
  test('a pipeline that does not say what it does', async () => {
    const { plan: _, ...views } = simclrViews({ size: 8 });
    expect(await refusalOf(() => gpuViews(views))).toBe('INVALID_OPTION');
  });
  test('another output', async () => {
    const views = simclrViews({ size: 8 });
    const outputs = { ...views.outputs, tokens: { shape: [4], dtype: 'int32' as const } };
    expect(await refusalOf(() => gpuViews({ ...views, outputs }))).toBe('INVALID_OPTION');
  });
  test('batches without images, parameters of others, and images without their bytes', async () => {
    const views = simclrViews({ size: 32 });
    const gpu = gpuViews(views);
    const drawn = drawnBy(views, [image]);
    const broken = { ...image, width: image.width + 1 };
    for (const call of [
      () => gpu.render([], []),
      () => gpu.render([image, image], drawn),
      () => gpu.render([image], [[]]),
      () => gpu.render([broken], drawn),
    ]) {
      expect(await refusalOf(call)).toBe('INVALID_OPTION');
    }
  });
  test('views too small to mirror for their blur, as the CPU does', async () => {
    const views = pipeline({ size: 3, crop: whole, transforms: [gaussianBlur({ probability: 1 })] });
    expect(await refusalOf(() => render(views))).toBe('INVALID_OPTION');
  });
  test('a batch whose views the GPU cannot hold in a tensor', () => {
    const refusal = { code: 'INVALID_OPTION', fix: 'Lower the batch size.' };
    expect(() => render(pipeline({ size: 32_768, crop: whole }))).toThrow(expect.objectContaining(refusal));
  });
  test('while tfjs runs on another backend', async () => {
    await cpu().open();
    const refusal = await refusalOf(() => render(simclrViews({ size: 8 })));
    await webgpu().open();
    expect(refusal).toBe('BACKEND_UNAVAILABLE');
  });
});
