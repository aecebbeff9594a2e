import type { RandomStream } from '@unlabel/core';
import { portable } from '../portable';
import { requireCount } from '../requireCount';
import type { SeriesTransform } from './seriesTransform';

/** Into how many parts a series is cut. */
export interface SegmentPermutationOptions {
  /** M, most segments (default 5); how many is drawn from 1 … M. */ readonly segments?: number;
}

/** Where the segments begin, and in which order they come. */
export interface DrawnPermutation {
  /** First step of each segment; the first is 0. */ readonly starts: readonly number[];
  readonly order: readonly number[];
}

/**
 * Cuts a series at random steps, and puts the segments in a random order. A series shorter than M has fewer.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Um et al., ICMI 2017, https://arxiv.org/abs/1706.00527; Eldele et al., TS-TCC, IJCAI 2021, section 3.1,
 * https://arxiv.org/abs/2106.14112
 */
export function segmentPermutation(options: SegmentPermutationOptions = {}): SeriesTransform<DrawnPermutation> {
  const { segments = 5 } = options;
  requireCount({ segments });
  return {
    name: 'segmentPermutation',
    draw: (random, { length }) => {
      const count = 1 + random.integer(Math.min(segments, length));
      const starts = [0, ...distinct(random, count - 1, length - 1).map((cut) => cut + 1)];
      return { starts, order: [...random.permutation(count)] };
    },
    apply: (series, { starts, order }) => {
      const { data, length, channels } = series;
      const before = data.slice();
      let at = 0;
      for (const segment of order) {
        const part = before.subarray((starts[segment] ?? 0) * channels, (starts[segment + 1] ?? length) * channels);
        data.set(part, at);
        at += part.length;
      }
      return series;
    },
    portable: portable('segmentPermutation', options),
  };
}

/** So many different numbers of 0 … below − 1, ascending. */
function distinct(random: RandomStream, count: number, below: number): number[] {
  const chosen = new Set<number>();
  for (let last = below - count; last < below; last++) {
    const candidate = random.integer(last + 1); // Floyd: each subset is as likely as another
    chosen.add(chosen.has(candidate) ? last : candidate);
  }
  return [...chosen].sort((a, b) => a - b);
}
