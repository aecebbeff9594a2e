import { type Dataset, type RandomStream, randomStream } from '@unlabel/core';

/**
 * The order in which each epoch visits the samples: a permutation of 0 … length − 1 that (seed, epoch) fixes. Where a data
 * set has stretches, it mixes some of them at a time, in an order of its own. The last one is kept, since an epoch's
 * batches are asked for one by one.
 */
export function epochOrders(
  { length, stretches }: Pick<Dataset<unknown>, 'length' | 'stretches'>,
  seed: number,
): (epoch: number) => Int32Array {
  let last: { readonly epoch: number; readonly order: Int32Array } | undefined;
  return (epoch) => {
    if (last?.epoch !== epoch) {
      const random = randomStream([seed, 'order', epoch]);
      last = { epoch, order: stretches ? mixed(random, length, stretches) : random.permutation(length) };
    }
    return last.order;
  };
}

/** Takes `together` stretches at a time, drawn at random, and the samples of these in any order. */
function mixed(
  random: RandomStream,
  length: number,
  { starts, together }: NonNullable<Dataset['stretches']>,
): Int32Array {
  const order = new Int32Array(length);
  const chosen = random.permutation(starts.length);
  let filled = 0;
  for (let first = 0; first < chosen.length; first += together) {
    const samples = Array.from(chosen.subarray(first, first + together)).flatMap((stretch) => {
      const [start = 0, end = length] = [starts[stretch], starts[stretch + 1]];
      return Array.from({ length: end - start }, (_, at) => start + at);
    });
    for (const at of random.permutation(samples.length)) order[filled++] = samples[at] ?? 0;
  }
  return order;
}
