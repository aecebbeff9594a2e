import { type RandomStream, randomStream } from '@unlabel/core';
import type { Region } from './crop';
import { portable } from './portable';
import { requireRange } from './requireRange';
import type { FloatImage, Transform } from './transform';

/** How much of a view is erased, how often, and what with. */
export interface ErasingOptions {
  /** Share of the view's area, drawn uniformly (default `[0.02, 0.33]`). */ readonly scale?: readonly [number, number];
  /** Height over width, drawn log-uniformly (default `[0.3, 3.3]`). */ readonly ratio?: readonly [number, number];
  /** A value in [0, 1], before normalisation, or uniform noise (default 0). */ readonly fill?: number | 'noise';
  /** Probability (default 0.5). */ readonly probability?: number;
}

/** The rectangle that is erased, in pixels of the view, and the seed of its noise. */
export interface DrawnErasing extends Region {
  readonly seed: number;
}

const attempts = 10;

/**
 * Erases a rectangle of whole pixels, as torchvision's `RandomErasing`: of ten attempts the first that is smaller than the
 * view, or nothing.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Zhong et al., Random erasing data augmentation, AAAI 2020, https://arxiv.org/abs/1708.04896
 */
export function erasing(options: ErasingOptions = {}): Transform<DrawnErasing> {
  const { scale = [0.02, 0.33], ratio = [0.3, 3.3], fill = 0, probability = 0.5 } = options;
  requireRange({ scale, ratio });
  requireRange({ probability }, { least: 0, most: 1 });
  if (fill !== 'noise') requireRange({ fill }, { least: 0, most: 1 });
  return {
    name: 'erasing',
    draw: (random, view) => (random.uniform() < probability ? drawInside(random, view, scale, ratio) : null),
    apply: (image, drawn) => {
      if (fill === 'noise') {
        const noise = randomStream([drawn.seed]);
        eraseRows(image, drawn, (row) => {
          for (let at = 0; at < row.length; at++) row[at] = noise.uniform();
        });
      } else eraseRows(image, drawn, (row) => row.fill(fill));
    },
    portable: portable('erasing', options),
  };
}

function drawInside(
  random: RandomStream,
  view: Pick<FloatImage, 'height' | 'width'>,
  scale: readonly [number, number],
  ratio: readonly [number, number],
): DrawnErasing | null {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const area = view.height * view.width * random.uniform(...scale);
    const aspect = Math.exp(random.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
    const height = Math.round(Math.sqrt(area * aspect));
    const width = Math.round(Math.sqrt(area / aspect));
    if (height >= view.height || width >= view.width) continue;
    const top = random.integer(view.height - height + 1);
    const left = random.integer(view.width - width + 1);
    return { top, left, height, width, seed: random.integer(2 ** 31) };
  }
  return null;
}

/** Calls `erase` with the part of each row of each plane that lies in the region. */
function eraseRows({ data, height, width }: FloatImage, region: Region, erase: (row: Float32Array) => void): void {
  for (let plane = 0; plane < data.length; plane += height * width) {
    for (let row = region.top; row < region.top + region.height; row++) {
      const start = plane + row * width + region.left;
      erase(data.subarray(start, start + region.width));
    }
  }
}
