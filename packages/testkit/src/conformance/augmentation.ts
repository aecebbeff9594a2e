import { type ImageSample, randomStream, sizeOf, type ViewPipeline } from '@unlabel/core';
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
  const channels = options.channels ?? (pipeline.shapes[0]?.[2] === 1 ? 1 : 3);
  const sizes = [
    [32, 32],
    [17, 40],
    [5, 3],
  ] as const;
  const image = picture(32, 32, channels);
  const draw = (key: string, source = image) => pipeline.draw(randomStream(['conformance', key]), source);
  const renderAll = (source: ImageSample, drawn: P) =>
    pipeline.shapes.map((_, view) => render(pipeline, source, drawn, view));
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
        const unwritten = views.findIndex((view) => !view.every(Number.isFinite));
        requireThat(unwritten < 0, `View ${unwritten} has pixels that are not finite numbers.`);
        requireThat(same([before], [source.data]), 'The image was changed.');
      },
    })),
  ];
}

/** Starts from NaN, so that a pixel left out is seen. */
function render<P>(pipeline: ViewPipeline<P>, image: ImageSample, drawn: P, view: number): Float32Array {
  const target = new Float32Array(sizeOf(pipeline.shapes[view] ?? [])).fill(Number.NaN);
  pipeline.render(image, drawn, view, target);
  return target;
}

function picture(height: number, width: number, channels: 1 | 3): ImageSample {
  const random = randomStream(['picture', height, width]);
  const data = Uint8Array.from({ length: height * width * channels }, () => random.integer(256));
  return { data, height, width, channels };
}

function same(first: readonly ArrayLike<number>[], second: readonly ArrayLike<number>[]): boolean {
  return first.every((values, at) => Array.from(values).every((value, index) => Object.is(value, second[at]?.[index])));
}
