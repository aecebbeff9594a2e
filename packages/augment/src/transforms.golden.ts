import type { GoldenCase, GoldenMapping, GoldenTensor } from '@unlabel/testkit';
import { type Adjustment, adjust } from './colourJitter';
import type { Region } from './crop';
import { gaussianBlur } from './gaussianBlur';
import { grayscale } from './grayscale';
import { normaliseInPlace } from './normalise';
import { createResample, type ResampleOptions } from './resample';
import { solarize } from './solarize';
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
      normalize: changed(golden, ({ data }) =>
        normaliseInPlace(data, { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }),
      ),
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
];

function adjusted(golden: GoldenCase): Record<Adjustment['kind'], number[]> {
  const by = (kind: Adjustment['kind']) =>
    changed(golden, (image) => adjust(image, { kind, factor: golden.number(kind) }));
  return { brightness: by('brightness'), contrast: by('contrast'), saturation: by('saturation'), hue: by('hue') };
}

function changed(golden: GoldenCase, change: (image: FloatImage) => void): number[] {
  const image = interleaved(golden.values('img'));
  change(image);
  return planar(image);
}

function resampled(
  golden: GoldenCase,
  options: Partial<ResampleOptions> & { readonly region?: Region; readonly size?: readonly [number, number] },
): number[] {
  const image = interleaved(golden.values('img'));
  const { region = { top: 0, left: 0, height: image.height, width: image.width } } = options;
  const { size: [height, width] = [image.height, image.width], antialias = false, flip = false } = options;
  const target = { data: new Float32Array(height * width * 3), height, width, channels: 3 } as const;
  createResample(height, width)(image, region, { edge: 'crop', antialias, flip }, target);
  return planar(target);
}

/** `[channels, height, width]` → `[height, width, channels]`. */
function interleaved({ shape, data }: GoldenTensor): FloatImage {
  const [, height = 0, width = 0] = shape;
  const at = (index: number) => data[(index % 3) * height * width + Math.floor(index / 3)] ?? 0;
  return { data: Float32Array.from(data, (_, index) => at(index)), height, width, channels: 3 };
}

/** `[height, width, channels]` → `[channels, height, width]`. */
function planar({ data, height, width }: FloatImage): number[] {
  const area = height * width;
  return Array.from(data, (_, index) => data[(index % area) * 3 + Math.floor(index / area)] ?? 0);
}
