import { assert, integer, property, uniqueArray } from 'fast-check';
import { expect, test } from 'vitest';
import { epochOrders } from './epochOrder';

test('every order is a permutation, fixed by seed and epoch, with stretches or without', () => {
  const lengths = { length: integer({ min: 1, max: 60 }), together: integer({ min: 1, max: 5 }) };
  const cuts = uniqueArray(integer({ min: 1, max: 60 }));
  assert(
    property(lengths.length, lengths.together, cuts, (length, together, places) => {
      const starts = Int32Array.from([0, ...places.filter((place) => place < length).sort((a, b) => a - b)]);
      for (const set of [{ length }, { length, stretches: { starts, together } }]) {
        const order = epochOrders(set, 1)(2);
        expect(order.toSorted()).toEqual(Int32Array.from({ length }, (_, at) => at));
        expect(epochOrders(set, 1)(2)).toEqual(order);
      }
    }),
  );
});

test('stretches are taken a few at a time, each epoch in another order, and mixed', () => {
  const starts = Int32Array.from({ length: 10 }, (_, at) => 20 * at);
  const orders = epochOrders({ length: 200, stretches: { starts, together: 2 } }, 7);
  const stretchesOf = (samples: Int32Array) => [...new Set(Array.from(samples, (sample) => Math.floor(sample / 20)))];
  const seen = [0, 1].map((epoch) => {
    const order = orders(epoch);
    const pairs = [0, 1, 2, 3, 4].map((window) => stretchesOf(order.slice(40 * window, 40 * (window + 1))));
    expect(pairs.map((pair) => pair.length)).toEqual([2, 2, 2, 2, 2]);
    expect(stretchesOf(order.slice(0, 10))).toHaveLength(2);
    return pairs.flat();
  });
  expect(seen[0]).not.toEqual(seen[1]);
});
