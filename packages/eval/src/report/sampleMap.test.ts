import { expect, test } from 'vitest';
import { nearestSamples, pcaMap, umapMap } from './sampleMap';

/** Three tight groups in eight dimensions, twenty rows each. */
const groups = (() => {
  const [count, dim] = [60, 8];
  const features = Float32Array.from({ length: count * dim }, (_, at) => {
    const [row, column] = [Math.floor(at / dim), at % dim];
    return (column === Math.floor(row / 20) ? 5 : 0) + 0.2 * Math.sin(12.9 * row + 78.2 * column);
  });
  return { features, count, dim };
})();

const distance = ([x, y]: readonly [number, number], [u, v]: readonly [number, number]) => Math.hypot(x - u, y - v);

test('UMAP keeps groups together: of each sample the nearest on the map is of its group', async () => {
  const { points, method } = await umapMap(groups, { seed: 1 });
  expect(method).toBe('UMAP');
  points.forEach((point, row) => {
    const others = points.map((other, at) => ({
      at,
      gap: at === row ? Number.POSITIVE_INFINITY : distance(point, other),
    }));
    const nearest = others.reduce((best, entry) => (entry.gap < best.gap ? entry : best));
    expect(Math.floor(nearest.at / 20)).toBe(Math.floor(row / 20));
  });
});

test('UMAP gives the same map for the same seed, and another for another', async () => {
  const [first, again, other] = [
    await umapMap(groups, { seed: 1 }),
    await umapMap(groups, { seed: 1 }),
    await umapMap(groups, { seed: 2 }),
  ];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test('UMAP refuses fewer than four samples', async () => {
  const data = { features: new Float32Array(6), count: 3, dim: 2 };
  await expect(umapMap(data)).rejects.toMatchObject({ code: 'BATCH_TOO_SMALL' });
});

test.each([
  ['few dimensions', 0],
  ['more dimensions than samples', 4],
])('PCA finds the two directions of most variance, with %s', (_, more) => {
  const rows = [
    [3, 0, 1],
    [-3, 0, 1],
    [0, 1, 1],
    [0, -1, 1],
  ].map((row) => [...row, ...new Array<number>(more).fill(2)]);
  const dim = 3 + more;
  const { points } = pcaMap({ features: Float32Array.from(rows.flat()), count: 4, dim });
  const sizes = points.map(([x, y]) => [Math.abs(x), Math.abs(y)]);
  for (const [row, [x, y]] of [
    [0, [3, 0]],
    [1, [3, 0]],
    [2, [0, 1]],
    [3, [0, 1]],
  ] as const) {
    expect(sizes[row]?.[0]).toBeCloseTo(x, 5);
    expect(sizes[row]?.[1]).toBeCloseTo(y, 5);
  }
});

test('PCA of one dimension or of equal samples has places, too', () => {
  expect(pcaMap({ features: Float32Array.from([1, 3]), count: 2, dim: 1 }).points.map(([, y]) => y)).toEqual([0, 0]);
  const { points } = pcaMap({ features: new Float32Array(8).fill(1), count: 4, dim: 2 });
  expect(points.flat().every((place) => place === 0)).toBe(true);
});

test('neighbours are those of the largest cosine, nearest first, whatever the length, without the sample itself', () => {
  const features = Float32Array.from([1, 0, 10, 1, 0, 1, -1, 0]);
  expect(nearestSamples({ features, count: 4, dim: 2 }, [0], 2)).toEqual([
    {
      sample: 0,
      nearest: [
        { sample: 1, similarity: expect.closeTo(10 / Math.sqrt(101), 5) },
        { sample: 2, similarity: 0 },
      ],
    },
  ]);
});
