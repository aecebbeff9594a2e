import { randomStream } from '@unlabel/core';

/**
 * The order in which each epoch visits the samples: a permutation of 0 … length − 1 that (seed, epoch) fixes. The last
 * one is kept, since an epoch's batches are asked for one by one.
 */
export function epochOrders(length: number, seed: number): (epoch: number) => Int32Array {
  let last: { readonly epoch: number; readonly order: Int32Array } | undefined;
  return (epoch) => {
    if (last?.epoch !== epoch) last = { epoch, order: randomStream([seed, 'order', epoch]).permutation(length) };
    return last.order;
  };
}
