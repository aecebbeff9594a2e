import { type BackendSession, cpu, tf } from '@unlabel/core';
import { beforeAll, expect, test } from 'vitest';
import { refusalOf } from '../readings';
import { parseGolden } from './goldenFile';
import type { GoldenMapping } from './goldenMapping';
import { assertGolden, checkGolden, checkGoldenOn, goldenTable } from './goldenReport';

let session: BackendSession;

beforeAll(async () => {
  session = await cpu().open();
});

/** Σ scale·x², with a list of two inputs. */
const file = parseGolden(
  JSON.stringify({
    name: 'squares',
    source: { function: 'squares' },
    params: { scale: 3, note: 'SGD lr .05 momentum=0.9' },
    inputs: { x: [{ shape: [2], data: [1, -2] }, 4] },
    outputs: { loss: 63, square: { shape: [2], data: [1, 4] }, unmapped: 'NaN' },
    grads: { 'x.0': { shape: [2], data: [6, -12] }, 'x.1': 24 },
    tolerance: { float32: { loss_rtol: 1e-6 } },
  }),
);

function mapping(factor: number, shift = 0): GoldenMapping {
  return {
    name: 'squares',
    matches: ({ source }) => source.function === 'squares',
    run: (golden) => {
      const [x0, x1] = [golden.tensor('x.0'), golden.tensor('x.1')];
      const sum = tf.add(tf.sum(tf.square(x0)), tf.square(x1));
      return { loss: tf.add(tf.mul(sum, factor * golden.number('scale')), shift), square: tf.square(x0) };
    },
  };
}

test('compares loss, outputs and gradients, and says what it did not compare', () => {
  expect(checkGolden(file, [mapping(1)])).toMatchObject({ status: 'pass', notCompared: ['unmapped'] });
  expect(goldenTable([checkGolden(file, [mapping(1)])])).toContain('1 pass, 0 fail, 0 no mapping');
});

test('fails on a loss that is off, on a gradient that is off, and on an error', () => {
  expect(checkGolden(file, [mapping(1, 0.01)])).toMatchObject({ status: 'fail', worst: { quantity: 'loss' } });
  expect(checkGolden(file, [mapping(1.01, -0.63)])).toMatchObject({
    status: 'fail',
    worst: { quantity: 'd loss / d x.1' },
  });
  const { run: _, ...rest } = mapping(1);
  const failing = { ...rest, run: (golden) => ({ loss: golden.tensor('missing') }) } satisfies GoldenMapping;
  expect(checkGolden(file, [failing])).toMatchObject({ status: 'fail', problem: expect.stringContaining('missing') });
  expect(() => assertGolden(file, [failing])).toThrow('missing');
});

test('compares what a session compiles alike, numbers among the tensors included', async () => {
  const { run, ...rest } = mapping(1);
  const withNumber: GoldenMapping = { ...rest, run: (golden) => ({ ...run(golden), unmapped: Number.NaN }) };
  expect(await checkGoldenOn(session, file, [withNumber])).toEqual(checkGolden(file, [withNumber]));
  expect(checkGolden(file, [withNumber])).toMatchObject({ status: 'pass', notCompared: [] });
  const off = await checkGoldenOn(session, file, [mapping(1.01, -0.63)]);
  expect(off).toMatchObject({ status: 'fail', worst: { quantity: 'd loss / d x.1' } });
});

test('says of a mapping without tensors that a session has nothing to compile', async () => {
  const values: GoldenMapping = { ...mapping(1), run: () => ({ square: [1, 4] }) };
  const ungraded = { ...file, grads: {} };
  expect(checkGolden(ungraded, [values]).status).toBe('pass');
  expect(await checkGoldenOn(session, ungraded, [values])).toMatchObject({ status: 'no tensors' });
});

test('a mapping’s own tolerance counts instead of the file’s', () => {
  expect(checkGolden(file, [mapping(1.01)]).status).toBe('fail');
  expect(checkGolden(file, [{ ...mapping(1.01), tolerance: { loss_rtol: 0.02, grad_rtol_of_max: 0.02 } }]).status).toBe('pass');
});

test('reports a file that nothing matches', () => {
  expect(checkGolden({ ...file, source: {} }, [mapping(1)])).toEqual({
    file: 'squares',
    status: 'no mapping',
    notCompared: [],
  });
});

test('reads numbers out of textual parameters, and fills in tolerances', () => {
  const golden: number[] = [];
  const reading: GoldenMapping = {
    ...mapping(1),
    run: (c) => {
      golden.push(c.numberAfter('note', 'lr'), c.numberAfter('note', 'momentum'));
      return mapping(1).run(c);
    },
  };
  checkGolden(file, [reading]);
  expect(golden).toEqual([0.05, 0.9]);
  expect(file.tolerance).toEqual({ loss_rtol: 1e-6, grad_rtol_of_max: 1e-4, outputs_rtol_of_max: 1e-5 });
});

test('refuses what is not a golden file', () => {
  expect(refusalOf(() => parseGolden('[]'))).toBe('DATASET_CORRUPT');
  expect(refusalOf(() => parseGolden('{"inputs": {"x": {"shape": [2], "data": [1]}}}'))).toBe('DATASET_CORRUPT');
});
