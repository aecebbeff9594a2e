import { type BackendSession, cpu, evaluationNotes, randomStream } from '@unlabel/core';
import { assertGolden, readGolden, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alignment, alignmentEvaluator, uniformity } from './alignmentUniformity';
import { alphaReq } from './alphaReq';
import { collapseFigures, collapseVerdict, geometryEvaluator } from './collapse';
import { evalGolden } from './eval.golden';
import { featureStd } from './featureStd';
import type { Features } from './features';
import { lidar, lidarEvaluator } from './lidar';
import { linearCka } from './linearCka';
import { rankMe, rankMeEvaluator } from './rankMe';
import { covarianceSpectrum, directionsCarrying } from './spectrum';

let session: BackendSession;

beforeAll(async () => {
  session = await cpu().open(); // golden files are read through tensors
});
afterAll(() => session.dispose());

function rows(...list: readonly (readonly number[])[]): Features {
  return { features: Float32Array.from(list.flat()), count: list.length, dim: list[0]?.length ?? 0 };
}

async function golden(name: string) {
  const { inputs, outputs } = await readGolden(new URL(`../golden/${name}.json`, import.meta.url));
  const features = (input: string): Features => {
    const { data = [], shape: [count = 0, dim = 0] = [] } = inputs[input] ?? {};
    return { features: Float32Array.from(data), count, dim };
  };
  const output = (name: string) => outputs[name]?.data[0] ?? Number.NaN;
  return { features, output };
}

test('RankMe counts directions: 2 for equal singular values, exp(H(3/4, 1/4)) for 3 : 1', () => {
  expect(rankMe(rows([5, 0], [0, 5]))).toBeCloseTo(2, 5);
  expect(rankMe(rows([3, 0], [0, 1]))).toBeCloseTo(0.75 ** -0.75 * 0.25 ** -0.25, 5);
});

test('RankMe is the same of a matrix and of its transpose, and at any scale', () => {
  const value = fc.integer({ min: -9, max: 9 });
  const matrix = fc.array(fc.tuple(value, value, value), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(matrix, (list) => {
      const transposed = [0, 1, 2].map((column) => list.map((row) => row[column] ?? 0));
      const rank = rankMe(rows(...list));
      expect(rankMe(rows(...transposed))).toBeCloseTo(rank, 4);
      expect(rankMe(rows(...list.map((row) => row.map((component) => component * 64))))).toBeCloseTo(rank, 4);
      expect(rank).toBeLessThanOrEqual(3.001);
    }),
  );
});

test('RankMe of nothing but zeros is 0', () => {
  expect(rankMe(rows([0, 0], [0, 0]))).toBe(0);
});

test('the standard deviation is 0 when features have collapsed, to a point or to zero', () => {
  expect(featureStd(rows([1, 2], [2, 4], [3, 6]))).toBeCloseTo(0, 6);
  expect(featureStd(rows([0, 0], [0, 0]))).toBe(0);
});

test('alignment and uniformity agree with the reference', async () => {
  const { features, output } = await golden('align_uniform');
  const [x, y] = [features('x'), features('y')];
  const loss = alignment(x, y) + (uniformity(x) + uniformity(y)) / 2;
  expect(loss / output('loss')).toBeCloseTo(1, 5);
});

test('alignment is a mean power of distances, uniformity the log of a mean kernel', () => {
  const [z0, z1] = [rows([2, 0], [0, 1]), rows([0, 3], [0, 1])]; // distances √2 and 0
  expect(alignment(z0, z1)).toBeCloseTo(1, 6);
  expect(alignment(z0, z1, { power: 4 })).toBeCloseTo(2, 6);
  expect(uniformity(z0)).toBeCloseTo(-4, 6);
  expect(uniformity(z0, { scale: 3 })).toBeCloseTo(-6, 6);
  expect(uniformity(z1)).toBeCloseTo(0, 6); // collapsed
});

test('as evaluators, LiDAR and alignment measure the views that they ask for, without labels', async () => {
  const { features, output } = await golden('align_uniform');
  const [x, y] = [features('x'), features('y')];
  const pairs = Array.from({ length: x.count }, (_, row) =>
    [x, y].flatMap(({ features: values, dim }) => [...values.subarray(row * dim, (row + 1) * dim)]),
  );
  const views = { features: Float32Array.from(pairs.flat()), objects: x.count, views: 2, dim: x.dim };
  const bank = { ...x, labels: new Int32Array(), classes: 0 };
  const figures = await alignmentEvaluator().evaluate(bank, bank, 0, evaluationNotes(), views);
  const ofOther = uniformity(y);
  expect(((figures.alignment ?? 0) + ((figures.uniformity ?? 0) + ofOther) / 2) / output('loss')).toBeCloseTo(1, 5);
  const notes = evaluationNotes();
  const { lidar: measured } = await lidarEvaluator({ delta: 0.1 }).evaluate(bank, bank, 0, notes, views);
  expect(measured).toBe(lidar(views, { delta: 0.1 }));
  expect(notes.warnings.length).toBe(x.count <= x.dim ? 1 : 0);
});

test('LiDAR and alignment say what they need, and refuse to do without', async () => {
  const bank = { ...rows([1, 0], [0, 1]), labels: new Int32Array(), classes: 0 };
  expect(lidarEvaluator({ objects: 30, views: 4 }).views).toEqual({ objects: 30, views: 4 });
  expect(alignmentEvaluator({ objects: 30 }).views).toEqual({ objects: 30, views: 2 });
  for (const evaluator of [lidarEvaluator(), alignmentEvaluator()]) {
    await expect(evaluator.evaluate(bank, bank, 0)).rejects.toMatchObject({ code: 'VIEWS_MISSING' });
  }
});

test('measures without labels say that features are constant', async () => {
  const bank = { ...rows([1, 2], [1, 2], [1, 2]), labels: new Int32Array(), classes: 0 };
  const views = { features: new Float32Array(12).fill(3), objects: 3, views: 2, dim: 2 };
  for (const evaluator of [rankMeEvaluator(), lidarEvaluator(), alignmentEvaluator()]) {
    const notes = evaluationNotes();
    const figures = await evaluator.evaluate(bank, bank, 0, notes, views);
    expect(notes.warnings.join()).toContain('the features have collapsed');
    expect(Object.values(figures).every(Number.isFinite)).toBe(true);
  }
});

test('geometry refuses what has none', () => {
  const one = rows([1, 0]);
  expect(refusalOf(() => featureStd(one))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => uniformity(one))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => alignment(one, rows([1, 0], [0, 1])))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => rankMe({ ...one, count: 0 }))).toBe('DATASET_EMPTY');
  expect(refusalOf(() => rankMe(rows([Number.POSITIVE_INFINITY])))).toBe('FEATURES_NOT_FINITE');
});

test('as an evaluator, RankMe reads the whole bank, without labels', async () => {
  const bank = { ...rows([1, 0], [0, 1]), labels: new Int32Array(), classes: 0 };
  const figures = await rankMeEvaluator({ samples: 2 }).evaluate(bank, bank, 0);
  expect(figures.rankMe).toBeCloseTo(2, 5);
  expect(figures.featureStd).toBeCloseTo(1, 5);
});

test('as an evaluator, RankMe draws the rows of a large bank, which may be sorted by class, by its seed', async () => {
  const sorted = Array.from({ length: 200 }, (_, row) => (row < 100 ? [1, 0] : [0, 1]));
  const bank = { ...rows(...sorted), labels: new Int32Array(), classes: 0 };
  const rankOf = async (seed: number) => (await rankMeEvaluator({ samples: 100 }).evaluate(bank, bank, seed)).rankMe;
  expect(await rankOf(0)).toBeGreaterThan(1.98); // the first 100 rows have rank 1
  expect(await rankOf(0)).toBe(await rankOf(0));
  expect(await rankOf(1)).not.toBe(await rankOf(0));
});

/** Rows of independent normal values, each column with its own standard deviation. */
function normalRows(count: number, scales: readonly number[]): Features {
  const { normal } = randomStream(['geometry', count]);
  const features = Float32Array.from(
    { length: count * scales.length },
    (_, at) => normal() * (scales[at % scales.length] ?? 0),
  );
  return { features, count, dim: scales.length };
}

const constant = rows([3, 1, 2], [3, 1, 2], [3, 1, 2], [3, 1, 2]);

test.each(['alpha_req', 'edge_rankme_rank1', 'lidar', 'linear_cka', 'rankme_effective_rank', 'std_l2_normalized'])(
  '%s agrees with the reference',
  async (name) => assertGolden(await readGolden(new URL(`../golden/${name}.json`, import.meta.url)), evalGolden),
);

test('the spectrum has the variances along principal directions, whichever of rows and columns are fewer', () => {
  const square = rows([2, 0], [-2, 0], [0, 1], [0, -1]);
  expect([...covarianceSpectrum(square).eigenvalues]).toEqual([2, 0.5]);
  expect([...covarianceSpectrum(square).cumulative]).toEqual([0.8, 1]);
  expect(covarianceSpectrum(square).singularValues[0]).toBeCloseTo(Math.sqrt(8), 12);
  const wide = covarianceSpectrum(rows([1, 2, 3, 4], [1, 2, 3, 8]));
  expect(wide.eigenvalues[0]).toBeCloseTo(4, 12);
  expect(wide.eigenvalues[1]).toBe(0);
  expect(directionsCarrying(wide, 0.99)).toBe(1);
});

test('of constant features nothing carries any variance, for all of float32’s rounding', () => {
  const rounded = rows(...Array.from({ length: 50 }, (_, row) => [0.1 + 1e-9 * row, 123.4567, 0.3]));
  for (const data of [constant, rounded]) {
    expect(directionsCarrying(covarianceSpectrum(data), 0.99)).toBe(0);
    expect(collapseVerdict(collapseFigures(data)).kind).toBe('complete');
  }
  expect(rankMe(constant)).toBeCloseTo(1, 4); // one direction, as it does not centre
  expect(linearCka(constant, normalRows(4, [1, 1]))).toBe(0);
  expect(lidar({ ...constant, objects: 2, views: 2 })).toBe(0);
  expect(refusalOf(() => alphaReq(constant))).toBe('FEATURES_DEGENERATE');
});

test('α-ReQ finds the exponent of a power law', () => {
  const scales = Array.from({ length: 32 }, (_, k) => (k + 1) ** -0.75); // variances k^−1.5
  expect(alphaReq(normalRows(4000, scales), { ranks: [1, 32] })).toBeCloseTo(1.5, 1);
  expect(alphaReq(normalRows(4000, scales.fill(1)), { ranks: [1, 32] })).toBeLessThan(0.1);
});

test('LiDAR counts directions that tell objects apart, and none in which only views differ', () => {
  const { normal } = randomStream(['lidar']);
  const [objects, views] = [40, 6];
  const means = Array.from({ length: objects }, () => [normal(), normal(), 0, 0]);
  const features = (noise: readonly number[]) =>
    Float32Array.from(
      means
        .flatMap((mean) =>
          Array.from({ length: views }, () => mean.map((value, at) => value + normal() * (noise[at] ?? 0))),
        )
        .flat(),
    );
  const clean = { features: features([0.1, 0.1, 0.1, 0.1]), objects, views, dim: 4 };
  expect(lidar(clean)).toBeGreaterThan(1.8);
  expect(lidar(clean)).toBeLessThan(2.2);
  expect(rankMe({ ...clean, count: objects * views })).toBeGreaterThan(2.2);
});

test('CKA is 1 under rotations and scales, and near 0 between what is independent', () => {
  const x = normalRows(500, [3, 2, 1]);
  const turned = { ...x, features: x.features.map((_, at) => 5 * (x.features[at - (at % 3) + ((at + 1) % 3)] ?? 0)) };
  expect(linearCka(x, turned)).toBeCloseTo(1, 6);
  const other = normalRows(501, [1, 1, 1, 1]);
  expect(linearCka(x, { features: other.features.slice(0, 2000), count: 500, dim: 4 })).toBeLessThan(0.05);
});

test('verdicts tell a point from few directions from health, in words', () => {
  const spread = normalRows(
    300,
    Array.from({ length: 40 }, () => 1),
  );
  expect(collapseVerdict(collapseFigures(spread))).toMatchObject({
    kind: 'none',
    message: expect.stringMatching(/of 40 directions carry 99 %/),
  });
  const few = normalRows(
    300,
    Array.from({ length: 40 }, (_, k) => (k < 3 ? 1 : 0.01)),
  );
  expect(collapseVerdict(collapseFigures(few), { what: 'Projections' })).toMatchObject({
    kind: 'dimensional',
    message: expect.stringMatching(/^Projections .* 3 of 40 directions carry 99 % .* Try a projector/),
  });
  const shifted = { ...spread, features: spread.features.map((value) => value + 50) };
  expect(collapseVerdict(collapseFigures(shifted)).kind).toBe('complete'); // all in one direction from the origin
  expect(refusalOf(() => collapseVerdict(collapseFigures(few), { minStd: 2 }))).toBe('INVALID_OPTION');
});

test('fewer samples than dimensions, and one dimension alone, have a verdict of their own scale', () => {
  const scarce = normalRows(
    6,
    Array.from({ length: 64 }, () => 1),
  );
  expect(collapseFigures(scarce)).toMatchObject({ directions: 5, possible: 5 });
  expect(collapseVerdict(collapseFigures(scarce)).kind).toBe('none');
  expect(collapseVerdict(collapseFigures(normalRows(50, [1]))).kind).toBe('none');
});

test('as an evaluator, geometry measures what there is and says what it means', async () => {
  const bank = { ...normalRows(200, [1, 1, 1, 1, 1, 1, 1, 1]), labels: new Int32Array(), classes: 0 };
  const evaluator = geometryEvaluator({ samples: 150 });
  const notes = evaluationNotes();
  const figures = await evaluator.evaluate(bank, bank, 0, notes);
  expect(Object.keys(figures).sort()).toEqual([
    'alphaReq',
    'directions',
    'featureStd',
    'possible',
    'strongest',
    'uniformity',
  ]);
  expect(notes.verdicts.join()).toContain('have not collapsed');
  const collapsed = { ...constant, labels: new Int32Array(), classes: 0 };
  const notesOfFew = evaluationNotes();
  const few = await evaluator.evaluate(collapsed, collapsed, 0, notesOfFew);
  expect(few).not.toHaveProperty('alphaReq');
  expect(notesOfFew.verdicts.join()).toContain('have collapsed');
});

test('spectra, CKA, LiDAR and α-ReQ refuse one sample, NaN, and what does not fit', () => {
  const one = rows([1, 0]);
  const broken = rows([1, Number.NaN], [0, 1]);
  for (const measure of [covarianceSpectrum, alphaReq, collapseFigures]) {
    expect(refusalOf(() => measure(one))).toBe('BATCH_TOO_SMALL');
    expect(refusalOf(() => measure(broken))).toBe('FEATURES_NOT_FINITE');
  }
  expect(refusalOf(() => linearCka(one, one))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => linearCka(one, broken))).toBe('FEATURES_NOT_FINITE');
  expect(refusalOf(() => linearCka(one, rows([1], [2])))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => alphaReq(rows([1], [2]), { ranks: [3, 3] }))).toBe('INVALID_OPTION');
  const views = { features: new Float32Array(12), objects: 2, views: 3, dim: 2 };
  expect(refusalOf(() => lidar({ ...views, objects: 6, views: 1 }))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => lidar({ ...views, dim: 3 }))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => lidar(views, { delta: 0 }))).toBe('INVALID_OPTION');
});
