import { beforeAll, expect, test } from 'vitest';
import line from '../../golden/posembed_1d.json' with { type: 'json' };
import ijepa from '../../golden/posembed_2d_ijepa.json' with { type: 'json' };
import mae from '../../golden/posembed_2d_mae.json' with { type: 'json' };
import vjepa from '../../golden/posembed_3d_vjepa.json' with { type: 'json' };
import { cpu } from '../backends/cpu';
import { UnlabelError } from '../errors';
import { expectGolden } from '../goldenFixture';
import { tf } from '../tf';
import { patchGrid, patchify, unpatchify } from './patches';
import { sinCosPositions } from './sinCosPositions';

beforeAll(async () => {
  await cpu().open();
});

test('gives the positions of I-JEPA, MAE and V-JEPA', () => {
  const ofMax = line.tolerance.float32.loss_rtol;
  expectGolden(sinCosPositions([4], 16), line.outputs.pos, ofMax);
  expectGolden(sinCosPositions([4, 4], 16), ijepa.outputs.pos, ofMax);
  const withClassToken = tf.concat([tf.zeros([1, 16]), sinCosPositions([4, 4], 16)]);
  expectGolden(withClassToken, mae.outputs.pos, ofMax);
  expectGolden(sinCosPositions([2, 3, 3], 24), vjepa.outputs.pos, ofMax);
});

test('cuts off what three axes have over, and refuses what does not fit', () => {
  expect(sinCosPositions([2, 2, 2], 8).shape).toEqual([8, 8]);
  expect(() => sinCosPositions([2, 2], 6)).toThrow(UnlabelError);
  expect(() => sinCosPositions([2], 3)).toThrow(UnlabelError);
  expect(() => sinCosPositions([1, 1, 1, 1], 16)).toThrow(UnlabelError);
});

test('cuts patches row by row, channels last, and puts them back', () => {
  const image: tf.Tensor4D = tf.reshape(tf.range(0, 48), [1, 4, 6, 2]);
  const patches = patchify(image, 2);
  expect(patches.shape).toEqual([1, 6, 8]);
  expect(Array.from(patches.dataSync().slice(8, 16))).toEqual([4, 5, 6, 7, 16, 17, 18, 19]);
  expect(Array.from(unpatchify(patches, 2, [2, 3]).dataSync())).toEqual(Array.from(image.dataSync()));
});

test('names the nearest sizes that patches divide', () => {
  expect(patchGrid([28, 56], 7)).toEqual([4, 8]);
  expect(() => patchGrid([28, 28], 16)).toThrow('Resize them to 16 × 16 or 32 × 32');
  expect(() => patchGrid([8, 8], 16)).toThrow('Resize them to 16 × 16, or');
});
