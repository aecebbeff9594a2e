import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cifar10, cifar100 } from './cifar';

const root = await mkdtemp(join(tmpdir(), 'unlabel-cifar-'));
afterAll(() => rm(root, { recursive: true }));

/** A record: labels, then planes of one value each for red, green and blue. */
const record = (labels: readonly number[], colour: readonly number[]) =>
  Buffer.from([...labels, ...colour.flatMap((value) => Array<number>(1024).fill(value))]);

const names = (count: number) => `${Array.from({ length: count }, (_, at) => `class ${at}`).join('\n')}\n\n`;

for (const part of [1, 2, 3, 4, 5]) await writeFile(join(root, `data_batch_${part}.bin`), record([part], [part, 0, 0]));
await writeFile(join(root, 'test_batch.bin'), Buffer.concat([record([9], [1, 2, 3]), record([0], [4, 5, 6])]));
await writeFile(join(root, 'batches.meta.txt'), names(10));
await writeFile(join(root, 'train.bin'), Buffer.concat([record([3, 42], [7, 8, 9]), record([19, 99], [0, 0, 0])]));
await writeFile(join(root, 'fine_label_names.txt'), names(100));
await writeFile(join(root, 'coarse_label_names.txt'), names(20));

describe('CIFAR', () => {
  test('10: pixels are interleaved, parts follow each other', async () => {
    const test = await cifar10({ root, split: 'test' });
    const { data, ...size } = await test.read(1);
    expect([size, data.length, ...data.subarray(0, 6)]).toEqual([
      { height: 32, width: 32, channels: 3 },
      3072,
      4,
      5,
      6,
      4,
      5,
      6,
    ]);
    expect(test.labels?.values).toEqual(Int32Array.of(9, 0));
    const train = await cifar10({ root });
    expect([train.length, train.labels?.classes[3]]).toEqual([5, 'class 3']);
    expect((await train.read(4)).data[0]).toBe(5);
  });

  test('100: labels are fine or coarse', async () => {
    expect((await cifar100({ root })).labels?.values).toEqual(Int32Array.of(42, 99));
    const coarse = await cifar100({ root, labels: 'coarse' });
    expect([...(coarse.labels?.values ?? []), coarse.labels?.classes.length]).toEqual([3, 19, 20]);
  });

  test('refuses what is cut short, mislabelled or missing', async () => {
    const folder = await mkdtemp(join(root, 'bad-'));
    await writeFile(join(folder, 'batches.meta.txt'), names(10));
    await expect(cifar10({ root: folder, split: 'test' })).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
    for (const content of [record([1], [1, 2, 3]).subarray(1), new Uint8Array(0), record([10], [1, 2, 3])]) {
      await writeFile(join(folder, 'test_batch.bin'), content);
      await expect(cifar10({ root: folder, split: 'test' })).rejects.toMatchObject({ code: 'DATASET_CORRUPT' });
    }
  });
});
