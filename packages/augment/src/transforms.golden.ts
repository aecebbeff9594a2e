import type { GoldenCase, GoldenMapping, GoldenTensor } from '@unlabel/testkit';
import { type Adjustment, adjust } from './colourJitter';
import type { Region } from './crop';
import { equalize } from './equalize';
import { erasing } from './erasing';
import { gaussianBlur } from './gaussianBlur';
import { grayscale } from './grayscale';
import { placeImage } from './kernels';
import { type Normalisation, normaliser } from './normalise';
import { posterize } from './posterize';
import { type ResampleOptions, resample } from './resample';
import { rotation } from './rotation';
import { solarize } from './solarize';
import { imageNetStatistics } from './statistics';
import type { FloatImage } from './transform';

/** Golden files that pin crops and transforms to torchvision's. */
export const transformsGolden: readonly GoldenMapping[] = [
  {
    name: 'colourJitter, grayscale, solarize, flip, normalise',
    matches: (file) => (file.source.function ?? '').startsWith('adjust_brightness'),
    run: (golden) => ({
      ...adjusted(golden),
      grayscale: changed(golden, (image) => grayscale().apply(image, true)),
      solarize: changed(golden, (image) =>
        solarize({ threshold: golden.number('solarize_threshold') }).apply(image, true),
      ),
      hflip: resampled(golden, { flip: true }),
      normalize: normalised(planar(golden.values('img')), imageNetStatistics),
    }),
  },
  {
    name: 'gaussianBlur',
    matches: (file) => file.source.function === 'gaussian_blur',
    run: (golden) => ({
      out: changed(golden, (image) =>
        gaussianBlur({ kernelSize: golden.number('kernel_size') }).apply(image, { sigma: golden.number('sigma') }),
      ),
    }),
  },
  {
    name: 'resample',
    matches: (file) => file.source.function === 'resized_crop bilinear',
    run: (golden) => {
      const [top, left] = [golden.number('top'), golden.number('left')];
      const region = { top, left, height: golden.number('height'), width: golden.number('width') };
      return {
        bilinear: resampled(golden, { region, size: [5, 5] }),
        bilinear_antialias: resampled(golden, { region, size: [5, 5], antialias: true }),
        upsample_2x: resampled(golden, { size: [16, 20] }),
      };
    },
  },
  {
    name: 'resample, bicubic and mirrored',
    matches: (file) => (file.source.function ?? '').startsWith('resize bicubic'),
    run: (golden) => {
      const [top, left] = [golden.number('top'), golden.number('left')];
      const region = { top, left, height: golden.number('height'), width: golden.number('width') };
      const cubic = (name: 'small' | 'large', antialias: boolean) => {
        const [height = 0, width = 0] = golden.numbers(name);
        return resampled(golden, { region, size: [height, width], antialias, interpolation: 'bicubic' });
      };
      return {
        small: cubic('small', false),
        small_antialias: cubic('small', true),
        large: cubic('large', false),
        large_antialias: cubic('large', true),
        vflip: resampled(golden, { verticalFlip: true }),
      };
    },
  },
  {
    name: 'posterize, equalize',
    matches: (file) => (file.source.function ?? '').startsWith('posterize, equalize'),
    run: (golden) => ({
      posterize: changed(golden, (image) => posterize({ bits: golden.number('bits') }).apply(image, true)),
      equalize: changed(golden, (image) => equalize().apply(image, true)),
      equalize_small: changed(golden, (image) => equalize().apply(image, true), 'small'),
    }),
  },
  {
    name: 'rotation',
    matches: (file) => (file.source.function ?? '').startsWith('rotate; torch.rot90'),
    run: (golden) => {
      const turned = (degrees: number, interpolation: 'nearest' | 'bilinear', input = 'img') =>
        changed(golden, (image) => rotation({ interpolation }).apply(image, { degrees }), input);
      const angles = golden.numbers('degrees');
      return {
        ...Object.fromEntries(angles.map((degrees) => [`nearest_${degrees}`, turned(degrees, 'nearest')])),
        ...Object.fromEntries(angles.map((degrees) => [`bilinear_${degrees}`, turned(degrees, 'bilinear')])),
        rot90: turned(90, 'nearest', 'square'),
        rot180: turned(-180, 'bilinear', 'square'),
        rot270: turned(270, 'bilinear', 'square'),
      };
    },
  },
  {
    name: 'erasing',
    matches: (file) => file.source.function === 'erase',
    run: (golden) => {
      const [top, left] = [golden.number('top'), golden.number('left')];
      const region = { top, left, height: golden.number('height'), width: golden.number('width'), seed: 0 };
      return {
        erase: changed(golden, (image) => erasing({ fill: golden.number('value') }).apply(image, region)),
      };
    },
  },
];

function adjusted(golden: GoldenCase): Record<Adjustment['kind'], number[]> {
  const by = (kind: Adjustment['kind']) =>
    changed(golden, (image) => adjust(image, { kind, factor: golden.number(kind) }));
  return { brightness: by('brightness'), contrast: by('contrast'), saturation: by('saturation'), hue: by('hue') };
}

function changed(golden: GoldenCase, change: (image: FloatImage) => void, input = 'img'): number[] {
  const image = planar(golden.values(input));
  change(image);
  return Array.from(image.data);
}

function normalised({ height, width, data }: FloatImage, normalise: Normalisation): number[] {
  const view = placeImage(height, width, 3);
  view.data.set(data);
  const target = new Float32Array(data.length);
  normaliser(normalise)(target, view);
  return Array.from(target, (_, index) => target[interleavedIndex(index, height * width)] ?? 0);
}

function resampled(
  golden: GoldenCase,
  options: Partial<ResampleOptions> & { readonly region?: Region; readonly size?: readonly [number, number] },
): number[] {
  const image = planar(golden.values('img'));
  const { height, width } = image;
  const data = image.data.slice();
  for (const [index, value] of image.data.entries()) data[interleavedIndex(index, height * width)] = value;
  const { region = { top: 0, left: 0, height, width }, size = [height, width], ...rest } = options;
  const view = placeImage(...size, 3);
  resample({ data, height, width, channels: 3 }, region, { ...plain, ...rest }, view);
  return Array.from(view.data);
}

const plain = { edge: 'crop', antialias: false, interpolation: 'bilinear', flip: false, verticalFlip: false } as const;

function planar({ shape: [, height = 0, width = 0], data }: GoldenTensor): FloatImage {
  return { data: Float32Array.from(data), height, width, channels: 3 };
}

/** Where in `[height, width, channels]` that value of `[channels, height, width]` lies. */
function interleavedIndex(index: number, area: number): number {
  return (index % area) * 3 + Math.floor(index / area);
}
