import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordStep } from '../capture/recordStep';
import { describeKernels, type KernelCase, kernelCase, normal } from './describeKernelsFixture';
import { einsumKernels } from './einsum';

/** Letters for two factors, and any of them for the result. */
const equations = fc
  .tuple(fc.shuffledSubarray([...'abcd'], { maxLength: 3 }), fc.shuffledSubarray([...'abcd'], { maxLength: 3 }))
  .chain(([first, second]) => {
    const known = [...new Set([...first, ...second])];
    return fc.shuffledSubarray(known).map((result) => ({ first, second, result }));
  });

const shuffled = fc.shuffledSubarray([...'abcd'], { minLength: 4 });

const extents: Readonly<Record<string, number>> = { a: 2, b: 3, c: 1, d: 4 };
const shapeOf = (letters: readonly string[]) => letters.map((letter) => extents[letter] ?? 1);

const cases: readonly KernelCase[] = [
  kernelCase('einsum of two tensors', equations, ({ first, second, result }) => ({
    inputs: [normal(shapeOf(first)), normal(shapeOf(second))],
    compute: (a, b) => tf.einsum(`${first.join('')},${second.join('')}->${result.join('')}`, a, b),
  })),
  kernelCase('einsum of one tensor', fc.tuple(shuffled, shuffled), ([letters, order]) => ({
    inputs: [normal(shapeOf(letters))],
    compute: (a) => tf.einsum(`${letters.join('')}->${order.slice(2).join('')}`, a),
  })),
  kernelCase('attention', fc.constantFrom('bqhd,bkhd->bhqk', 'bhqk,bkhd->bqhd'), (equation) => ({
    inputs: [normal([2, 3, 3, 3]), normal([2, 3, 3, 3])],
    compute: (a, b) => tf.einsum(equation, a, b),
  })),
];

describeKernels(einsumKernels, cases);

test.each(['ii->i', 'ij,jk', '...i->i', 'i,j,k->ijk'])('refuses %s', (equation) => {
  const tensors =
    equation === 'i,j,k->ijk'
      ? [[2], [2], [2]]
      : equation.includes(',')
        ? [
            [2, 2],
            [2, 2],
          ]
        : [[2, 2]];
  const step = () => ({ outputs: { result: tf.einsum(equation, ...tensors.map((shape) => tf.zeros(shape))) } });
  expect(() => recordStep(step, { state: {}, inputs: {} })).toThrow(
    expect.objectContaining({ code: 'CAPTURE_UNSUPPORTED_OP', message: expect.stringContaining(`'${equation}'`) }),
  );
});
