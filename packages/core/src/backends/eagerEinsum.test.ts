import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { tf } from '../tf';
import { cpu } from './cpu';

beforeAll(async () => {
  for (let time = 0; time < 2; time++) await cpu().open();
});

const extents: Readonly<Record<string, number>> = { a: 2, b: 3, c: 1, d: 2 };
const letters = fc.shuffledSubarray([...'abcd'], { maxLength: 4 });
const equations = fc
  .tuple(letters, fc.option(letters))
  .chain(([first, second]) =>
    fc
      .shuffledSubarray([...new Set([...first, ...(second ?? [])])])
      .map((result) => ({ factors: second ? [first, second] : [first], result })),
  );

const noise = (names: readonly string[], seed: number) => {
  const shape = names.map((name) => extents[name] ?? 1);
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, index) => Math.sin(index * 1.7 + seed)),
    shape,
  );
};

/** The sum of products, one assignment of numbers to letters after the other. */
function naiveSum(factors: readonly (readonly string[])[], result: readonly string[], tensors: readonly tf.Tensor[]) {
  const names = [...new Set(factors.flat())];
  const assignments = names.reduce<readonly Readonly<Record<string, number>>[]>(
    (all, name) =>
      all.flatMap((one) => Array.from({ length: extents[name] ?? 1 }, (_, at) => ({ ...one, [name]: at }))),
    [{}],
  );
  const place = (of: readonly string[], at: Readonly<Record<string, number>>) =>
    of.reduce((index, name) => index * (extents[name] ?? 1) + (at[name] ?? 0), 0);
  const values = tensors.map((tensor) => tensor.dataSync());
  const sums = result.reduce((size, name) => size * (extents[name] ?? 1), 1);
  const total = new Array<number>(sums).fill(0);
  for (const at of assignments) {
    const term = factors.reduce((product, of, index) => product * (values[index]?.[place(of, at)] ?? Number.NaN), 1);
    total[place(result, at)] = (total[place(result, at)] ?? 0) + term;
  }
  return total;
}

test('tf.einsum is the sum of products, whichever letters are summed over, and so is its gradient', () => {
  fc.assert(
    fc.property(equations, ({ factors, result }) => {
      tf.tidy(() => {
        const equation = `${factors.map((names) => names.join('')).join()}->${result.join('')}`;
        const tensors = factors.map(noise);
        const weights = noise(result, 5);
        const weigh = (...given: tf.Tensor[]): tf.Scalar => tf.sum(tf.mul(tf.einsum(equation, ...given), weights));
        const sums = tf.einsum(equation, ...tensors);
        expect(sums.shape).toEqual(weights.shape);
        const expected = naiveSum(factors, result, tensors);
        sums.dataSync().forEach((value, index) => void expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 4));
        tf.grads(weigh)(tensors).forEach((gradient, index) => {
          const others = factors.flatMap((names, other) =>
            other === index ? [] : [{ names, tensor: tensors[other] }],
          );
          const all = [
            ...others,
            { names: result, tensor: weights },
            { names: factors[index] ?? [], tensor: tf.onesLike(gradient) },
          ];
          const wanted = naiveSum(
            all.map(({ names }) => names),
            factors[index] ?? [],
            all.map(({ tensor }) => tensor ?? weights),
          );
          gradient.dataSync().forEach((value, at) => void expect(value).toBeCloseTo(wanted[at] ?? Number.NaN, 4));
        });
      });
    }),
    { numRuns: 200 },
  );
});

test('leaves no tensors behind', () => {
  const factors = [noise(['a', 'b'], 0), noise(['b', 'd'], 1)] as const;
  const before = tf.memory().numTensors;
  tf.einsum('ab,bd->a', ...factors).dispose();
  tf.einsum('ab->a', factors[0]).dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test.each<[string, ...number[][]]>([
  ['aa->a', [2, 2]],
  ['ab->aa', [2, 2]],
  ['...b->b', [2, 2]],
  ['ab->e', [2, 2]],
  ['a->a', [2, 2]],
  ['ab,bd', [2, 2], [2, 2]],
  ['ab,bd->ad', [2, 2]],
  ['i,j,k->ijk', [2], [2], [2]],
  ['ab->ba->b', [2, 2]],
])('refuses %s', (equation, ...shapes) => {
  const compute = () => tf.einsum(equation, ...shapes.map((shape) => tf.zeros(shape)));
  expect(compute).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(`'${equation}'`) }),
  );
});

test('refuses axes of one name and different lengths', () => {
  const compute = () => tf.einsum('ab,bd->ad', tf.zeros([2, 3]), tf.zeros([1, 2]));
  expect(compute).toThrow(
    expect.objectContaining({
      code: 'SHAPE_MISMATCH',
      message: expect.stringContaining('is 3 in the first tensor and 1 in the second'),
    }),
  );
});
