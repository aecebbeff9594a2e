import { randomStream, sizeOf, type ViewPipeline, type ViewTargets } from '@unlabel/core';
import { type ConformanceCase, requireThat } from './conformanceCase';
import { sourceSamples } from './sourceSamples';

/** What a view pipeline is held to. */
export interface AugmentationConformanceOptions<Sample = unknown> {
  /** Samples that it takes, the first of which leaves room for chance (default three of its modality, made up). */
  readonly samples?: readonly Sample[];
  /** Channels of images and series that are made up (default those of its first view). */ readonly channels?: number;
  /** Whether another key must give other values (default true); false for pipelines without randomness. */ readonly random?: boolean;
}

/**
 * What must hold of every {@link ViewPipeline}: the same stream gives the same values, drawing alone decides them, samples of
 * any size fit, the sample stays as it is, and every value of every output is written, with a finite number.
 */
export function augmentationConformance<P, Sample>(
  pipeline: ViewPipeline<P, Sample>,
  options: AugmentationConformanceOptions<Sample> = {},
): readonly ConformanceCase[] {
  return casesOf(pipeline, options.samples ?? sourceSamples(pipeline, options.channels), options.random ?? true);
}

function casesOf<P>(
  pipeline: ViewPipeline<P, unknown>,
  samples: readonly unknown[],
  random: boolean,
): readonly ConformanceCase[] {
  const [sample] = samples;
  const draw = (key: string, source = sample) => pipeline.draw(randomStream(['conformance', key]), source);
  const renderAll = (source: unknown, drawn: P) => render(pipeline, source, drawn, unwritten);
  return [
    {
      name: 'the same stream gives the same values',
      run: async () => {
        const [first, second] = [renderAll(sample, draw('a')), renderAll(sample, draw('a'))];
        requireThat(same(first, second), 'Two renderings of one stream differ.');
      },
    },
    {
      name: 'what was drawn decides the values, also after a structured clone',
      run: async () => {
        const drawn = draw('a');
        const cloned = structuredClone(drawn);
        requireThat(same(renderAll(sample, drawn), renderAll(sample, cloned)), 'The clone renders other values.');
        requireThat(same(renderAll(sample, drawn), renderAll(sample, drawn)), 'Rendering twice gives other values.');
      },
    },
    {
      name: random ? 'another stream gives other values' : 'another stream gives the same values',
      run: async () => {
        const equal = ['b', 'c', 'd'].every((key) => same(renderAll(sample, draw('a')), renderAll(sample, draw(key))));
        requireThat(equal !== random, random ? 'Four streams give the same values.' : 'Streams give different values.');
      },
    },
    ...samples.map((source, index) => ({
      name: `writes every output of sample ${index}, and leaves the sample alone`,
      run: async () => {
        const before = JSON.stringify(source);
        const drawn = draw('a', source);
        const views = renderAll(source, drawn);
        const endless = views.findIndex((view) => !view.every((value) => Number.isFinite(value)));
        requireThat(endless < 0, `Output ${endless} has values that are not finite numbers, or were not written.`);
        const again = render(pipeline, source, drawn, { float32: Number.NaN, int32: 1 - 2 ** 30 });
        requireThat(same(views, again), 'Some values of an int32 output were not written.');
        requireThat(JSON.stringify(source) === before, 'The sample was changed.');
      },
    })),
  ];
}

const unwritten = { float32: Number.NaN, int32: -(2 ** 31) };

/** Every output. Starts from `blank`, so that a value left out is seen. */
function render<P>(
  pipeline: ViewPipeline<P, unknown>,
  sample: unknown,
  drawn: P,
  blank: { readonly float32: number; readonly int32: number },
): readonly ViewTargets[string][] {
  const targets = Object.entries(pipeline.outputs).map(([name, { shape, dtype }]) => {
    const size = sizeOf(shape);
    const target =
      dtype === 'float32' ? new Float32Array(size).fill(blank.float32) : new Int32Array(size).fill(blank.int32);
    return [name, target] as const;
  });
  pipeline.render(sample, drawn, Object.fromEntries(targets));
  return targets.map(([, target]) => target);
}

function same(first: readonly ArrayLike<number>[], second: readonly ArrayLike<number>[]): boolean {
  return first.every((values, at) => Array.from(values).every((value, index) => Object.is(value, second[at]?.[index])));
}
