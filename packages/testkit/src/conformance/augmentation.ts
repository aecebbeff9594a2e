import { type ImageSample, randomStream, sizeOf, type ViewPipeline, viewSpecs } from '@unlabel/core';
import { type ConformanceCase, requireThat } from './conformanceCase';

/** What a view pipeline is held to. */
export interface AugmentationConformanceOptions {
  /** Channels of the images that it takes (default those of its first view). */ readonly channels?: 1 | 3;
  /** Whether another key must give other pixels (default true); false for pipelines without randomness. */ readonly random?: boolean;
}

/**
 * What must hold of every {@link ViewPipeline}: the same stream gives the same pixels, drawing alone decides them,
 * images of any size fit, the source stays as it is, and every pixel is written with a finite number.
 */
export function augmentationConformance<P>(
  pipeline: ViewPipeline<P>,
  options: AugmentationConformanceOptions = {},
): readonly ConformanceCase[] {
  const { random = true } = options;
  const channels = options.channels ?? (viewSpecs(pipeline)[0]?.shape[2] === 1 ? 1 : 3);
  const sizes = [
    [32, 32],
    [17, 40],
    [5, 3],
  ] as const;
  const image = picture(32, 32, channels);
  const draw = (key: string, source = image) => pipeline.draw(randomStream(['conformance', key]), source);
  const renderAll = (source: ImageSample, drawn: P) => render(pipeline, source, drawn);
  return [
    {
      name: 'the same stream gives the same pixels',
      run: async () => {
        const [first, second] = [renderAll(image, draw('a')), renderAll(image, draw('a'))];
        requireThat(same(first, second), 'Two renderings of one stream differ.');
      },
    },
    {
      name: 'what was drawn decides the pixels, also after a structured clone',
      run: async () => {
        const drawn = draw('a');
        const cloned = structuredClone(drawn);
        requireThat(same(renderAll(image, drawn), renderAll(image, cloned)), 'The clone renders other pixels.');
        requireThat(same(renderAll(image, drawn), renderAll(image, drawn)), 'Rendering twice gives other pixels.');
      },
    },
    {
      name: random ? 'another stream gives other pixels' : 'another stream gives the same pixels',
      run: async () => {
        const equal = ['b', 'c', 'd'].every((key) => same(renderAll(image, draw('a')), renderAll(image, draw(key))));
        requireThat(equal !== random, random ? 'Four streams give the same pixels.' : 'Streams give different pixels.');
      },
    },
    ...sizes.map(([height, width]) => ({
      name: `writes every pixel of views of a ${height} × ${width} image, and leaves the image alone`,
      run: async () => {
        const source = picture(height, width, channels);
        const before = source.data.slice();
        const views = renderAll(source, draw('a', source));
        const unwritten = views.findIndex((view) => !view.every((value) => Number.isFinite(value)));
        requireThat(unwritten < 0, `Output ${unwritten} has values that are not finite numbers, or were not written.`);
        requireThat(same([before], [source.data]), 'The image was changed.');
      },
    })),
  ];
}

/** Every output. Starts from NaN, so that a pixel left out is seen. */
function render<P>(pipeline: ViewPipeline<P>, image: ImageSample, drawn: P): readonly (Float32Array | Int32Array)[] {
  const targets = Object.entries(pipeline.outputs).map(([name, { shape, dtype }]) => {
    const size = sizeOf(shape);
    return [name, dtype === 'float32' ? new Float32Array(size).fill(Number.NaN) : new Int32Array(size)] as const;
  });
  pipeline.render(image, drawn, Object.fromEntries(targets));
  return targets.map(([, target]) => target);
}

function picture(height: number, width: number, channels: 1 | 3): ImageSample {
  const random = randomStream(['picture', height, width]);
  const data = Uint8Array.from({ length: height * width * channels }, () => random.integer(256));
  return { data, height, width, channels };
}

function same(first: readonly ArrayLike<number>[], second: readonly ArrayLike<number>[]): boolean {
  return first.every((values, at) => Array.from(values).every((value, index) => Object.is(value, second[at]?.[index])));
}
