import { type Step, tf } from '@unlabel/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { traceOn } from '../againstEager';
import { recordStep } from '../capture/recordStep';
import { onnx } from '../onnx';
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

/** tfjs's own, as code that imports tfjs calls it. */
function einsumOfTfjs(equation: string, ...tensors: tf.Tensor[]): tf.Tensor {
  const sums = tf.engine().runKernel('Einsum', Object.fromEntries(tensors.entries()), { equation });
  if (Array.isArray(sums)) throw new Error('An einsum has one result.');
  return sums;
}

test('sums over letters that one factor alone has, also where tfjs’s own kernel is asked to', async () => {
  const step: Step = () => ({
    outputs: { sums: einsumOfTfjs('ab,cd->ca', tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])) },
  });
  const { outputs } = await traceOn(onnx({ threads: 1, thread: 'main' }), { step });
  expect(outputs[0]?.sums).toMatchObject({ shape: [2, 1], data: Float32Array.of(9, 12) }); // (1 + 2)·3 and (1 + 2)·4
});

test.each<[string, ...number[][]]>([
  ['ii->i', [2, 2]],
  ['ij,jk', [2, 2], [2, 2]],
  ['...i->i', [2, 2]],
  ['i,j,k->ijk', [2], [2], [2]],
])('refuses %s of tfjs’s own', (equation, ...shapes) => {
  const step = () => ({ outputs: { result: einsumOfTfjs(equation, ...shapes.map((shape) => tf.zeros(shape))) } });
  expect(() => recordStep(step, { state: {}, inputs: {} })).toThrow(
    expect.objectContaining({ code: 'CAPTURE_UNSUPPORTED_OP', message: expect.stringContaining(`'${equation}'`) }),
  );
});
