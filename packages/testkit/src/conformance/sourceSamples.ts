import {
  type ImageSample,
  type Modality,
  type RowSample,
  randomStream,
  type SeriesSample,
  type ViewPipeline,
  viewSpecs,
} from '@unlabel/core';

/**
 * Three samples that a pipeline takes, of different sizes where samples have sizes, made up.
 * @param channels of images and series (default those of the pipeline's first view)
 */
export function sourceSamples(
  pipeline: Pick<ViewPipeline, 'modality' | 'outputs'>,
  channels?: number,
): readonly unknown[] {
  const [{ shape } = { shape: [] }] = viewSpecs(pipeline);
  const colours = (channels ?? shape[2]) === 1 ? 1 : 3;
  const make: Readonly<Record<Modality, () => readonly unknown[]>> = {
    image: () => pictures(colours),
    series: () => [400, 5000, 37].map((length) => series(length, channels ?? shape[1] ?? 1)),
    text: () => texts.map((text) => ({ text })),
    pairs: () => pictures(colours).map((image, index) => ({ image, text: texts[index] })),
    rows: () => ['a', 'b', 'c'].map((key) => row(key, shape[0] ?? 1)),
  };
  return make[pipeline.modality ?? 'image']();
}

const texts = [
  'Views of one text should say the same, whichever of its words have changed places, were hidden or have gone.',
  'A word.',
  'Über größere Texte läuft dasselbe Verfahren: 「同じ方法」 is used for every language. '.repeat(40),
];

function pictures(channels: 1 | 3): readonly ImageSample[] {
  return [picture(32, 32, channels), picture(17, 40, channels), picture(5, 3, channels)];
}

function picture(height: number, width: number, channels: 1 | 3): ImageSample {
  const random = randomStream(['picture', height, width]);
  const data = Uint8Array.from({ length: height * width * channels }, () => random.integer(256));
  return { data, height, width, channels };
}

function series(length: number, channels: number): SeriesSample {
  const { normal } = randomStream(['series', length]);
  return { data: Float32Array.from({ length: length * channels }, normal), length, channels };
}

function row(key: string, features: number): RowSample {
  return { data: Float32Array.from({ length: features }, randomStream(['row', key]).normal) };
}
