import { cpu, tf } from '@unlabel/core';
import { gradientsOf, numberOf, refusalOf } from '@unlabel/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { dinov2 } from './dinov2';
import { type IbotMethodOptions, ibot } from './ibot';
import { firstState, imageView, lossOf, plainEncoder } from './tokenFixture';

beforeAll(async () => {
  await cpu().open();
});

const small = { hidden: [8], bottleneck: 4, prototypes: 6 };
const views = () => [imageView(1), imageView(2)];
const masks = (value: number) => ({ 'masks/0': tf.fill([5, 9], value), 'masks/1': tf.fill([5, 9], value) });
const encoder = plainEncoder();
const largest = (x: tf.Tensor | number) => numberOf(tf.max(tf.abs(x)));

test('shows the student one and the same token in place of masked patches', () => {
  const spread = (value: number) => {
    const state = firstState(ibot(small), encoder);
    const { projection } = lossOf(ibot(small), {
      encoder,
      views: views(),
      tensors: masks(value),
      state: { ...state, maskToken: tf.tensor1d([1, -2, 3, 4]) },
    });
    return largest(tf.sub(projection, tf.slice2d(projection, [0, 0], [1, -1])));
  };
  expect(spread(1)).toBeLessThan(1e-6);
  expect(spread(0)).toBeGreaterThan(0.1);
});

test('hides nothing from the teacher, whose logits move the centres', () => {
  const same = [imageView(1), imageView(1)];
  const whole = lossOf(ibot(small), { encoder, views: same, tensors: masks(0) });
  const { updates } = lossOf(ibot(small), { encoder, views: same, tensors: masks(1) });
  const teacherMean = tf.mean(whole.projection, 0, true); // unmasked, student and teacher see the same at first
  expect(largest(tf.sub(updates.center ?? 1, tf.mul(0.1, teacherMean)))).toBeLessThan(1e-6);
  expect(updates.patchCenter?.shape).toEqual([1, 6]);
  const kept = lossOf(ibot({ ...small, centerMomentum: 1 }), { encoder, views: same, tensors: masks(1) });
  expect(largest(kept.updates.center ?? 1)).toBe(0);
});

test('keeps prototypes as they were drawn during the first epoch', () => {
  const gradientOf = (options: IbotMethodOptions) => {
    const { 'projector/prototypes/kernel': kernel = tf.scalar(0), ...rest } = firstState(ibot(options), encoder);
    const state = { ...rest, 'projector/prototypes/kernel': kernel };
    const loss = () => lossOf(ibot(options), { encoder, views: views(), tensors: masks(0), state }).loss;
    return gradientsOf(loss, { kernel });
  };
  expect(gradientOf(small).every((value) => value === 0)).toBe(true);
  expect(gradientOf({ ...small, freezeEpochs: 0 }).some((value) => value !== 0)).toBe(true);
});

test('compares local crops with global views, and counts no patches where none is masked', () => {
  const given = (more: readonly tf.Tensor[], value: number) =>
    lossOf(ibot(small), { encoder, views: [...views(), ...more], tensors: masks(value) });
  expect(numberOf(given([], 0).terms.patches ?? tf.scalar(1))).toBe(0);
  const crops = [imageView(3, 4), imageView(4, 2)];
  expect(numberOf(given(crops, 1).terms.cls ?? tf.scalar(0))).not.toBe(
    numberOf(given([], 1).terms.cls ?? tf.scalar(0)),
  );
});

describe('DINOv2', () => {
  test('gives patches a head of their own, and adds KoLeo', () => {
    const names = Object.keys(dinov2(small).bind(encoder).variables);
    expect(names).toContain('patchProjector/prototypes/kernel');
    expect(names).toContain('teacher/patchProjector/prototypes/kernel');
    expect(Object.keys(ibot(small).bind(encoder).variables)).not.toContain('patchProjector/prototypes/kernel');
    const report = (koleoWeight: number) =>
      numberOf(lossOf(dinov2({ ...small, koleoWeight }), { encoder, views: views(), tensors: masks(1) }).loss);
    const { koleo = tf.scalar(0) } = lossOf(dinov2(small), { encoder, views: views(), tensors: masks(1) }).terms;
    expect(report(2) - report(1)).toBeCloseTo(numberOf(koleo), 4);
  });

  test('shares prototypes out by Sinkhorn–Knopp, or subtracts centres', () => {
    const state = { ...firstState(dinov2(small), encoder), maskToken: tf.tensor1d([1, -2, 3, 4]) };
    const termsBy = (centring: 'mean' | 'sinkhorn') =>
      lossOf(dinov2({ ...small, centring }), { encoder, views: views(), tensors: masks(1), state }).terms;
    const [balanced, centred] = [termsBy('sinkhorn'), termsBy('mean')];
    for (const term of ['cls', 'patches']) {
      const difference = tf.sub(balanced[term] ?? 0, centred[term] ?? 0);
      expect(Math.abs(numberOf(difference))).toBeGreaterThan(1e-3);
    }
  });
});

describe('refuses', () => {
  test('an encoder without tokens, and features for which one head will not do', () => {
    const { grid: _, ...pooled } = plainEncoder();
    expect(refusalOf(() => ibot(small).bind(pooled))).toBe('INVALID_OPTION');
    const wide = { ...plainEncoder(), outputDim: 8 };
    expect(refusalOf(() => ibot(small).bind(wide))).toBe('INVALID_OPTION');
    expect(refusalOf(() => dinov2(small).bind(wide))).toBeUndefined();
  });

  test('more local crops than there are, fewer global views, and global views of another size', () => {
    const call = (options: IbotMethodOptions, given: readonly tf.Tensor[]) => () =>
      lossOf(ibot({ ...small, ...options }), { encoder, views: given, tensors: masks(1) });
    expect(call({ localViews: 8 }, [...views(), imageView(3, 4)])).toThrow('localViews is 8');
    expect(call({ globalViews: 3 }, views())).toThrow('globalViews is 3');
    expect(refusalOf(call({}, [imageView(1), imageView(2, 4)]))).toBe('SHAPE_MISMATCH');
  });

  test('masks that hide nothing or everything', () => {
    expect(refusalOf(() => ibot({ ...small, maskRatio: [0, 0.5] }).bind(encoder))).toBe('INVALID_OPTION');
    expect(refusalOf(() => ibot({ ...small, maskRatio: [0.5, 1] }).bind(encoder))).toBe('INVALID_OPTION');
  });

  test('a batch without its masks', () => {
    expect(refusalOf(() => lossOf(ibot(small), { encoder, views: views() }))).toBe('VARIABLE_MISSING');
  });
});
