import { type Step, tf } from '@unlabel/core';
import { expect, test } from 'vitest';
import { recordStep } from '../capture/recordStep';
import { refused } from './refused';

const image = () => tf.zeros<tf.Rank.R4>([1, 4, 4, 1]);
const boxes = () => tf.zeros<tf.Rank.R2>([2, 4]);
const scores = () => tf.zeros<tf.Rank.R1>([2]);

/** Ops by the refused kernel that they call. */
const ops: Readonly<Record<string, () => unknown>> = {
  BitwiseAnd: () => tf.bitwiseAnd(tf.ones([2], 'int32'), tf.ones([2], 'int32')),
  BroadcastArgs: () => tf.broadcastArgs(tf.tensor1d([2, 1], 'int32'), tf.tensor1d([1, 2], 'int32')),
  Complex: () => tf.complex(scores(), scores()),
  CropAndResize: () => tf.image.cropAndResize(image(), boxes(), tf.zeros([2], 'int32'), [2, 2]),
  Dilation2D: () => tf.dilation2d(image(), tf.zeros<tf.Rank.R3>([2, 2, 1]), 1, 'same'),
  LRN: () => tf.localResponseNormalization(image()),
  NonMaxSuppressionV3: () => tf.image.nonMaxSuppression(boxes(), scores(), 2),
  NonMaxSuppressionV4: () => tf.image.nonMaxSuppressionPadded(boxes(), scores(), 2),
  NonMaxSuppressionV5: () => tf.image.nonMaxSuppressionWithScore(boxes(), scores(), 2),
  RotateWithOffset: () => tf.image.rotateWithOffset(image(), 1),
  SparseReshape: () => tf.sparse.sparseReshape(tf.zeros([1, 2], 'int32'), tf.ones([2], 'int32'), tf.ones([1], 'int32')),
  SparseSegmentSum: () => tf.sparse.sparseSegmentSum(boxes(), tf.zeros([2], 'int32'), tf.zeros([2], 'int32')),
  Transform: () => tf.image.transform(image(), tf.zeros<tf.Rank.R2>([1, 8])),
  Unique: () => tf.unique(scores()),
};

test.each(Object.entries(ops))(
  '%s: the error names the op, the kernel, the line, the reason and the way round',
  (kernel, op) => {
    const { reason = '', fix = '' } = refused[kernel] ?? {};
    const { error } = refusal(() => void op());
    expect(error).toMatchObject({ code: 'CAPTURE_UNSUPPORTED_OP', fix: expect.stringContaining(fix) });
    for (const part of [/tf\.\w+ needs the tfjs kernel/, kernel, reason, /refused\.test\.ts:\d+:\d+/]) {
      expect(error).toMatchObject({
        message: part instanceof RegExp ? expect.stringMatching(part) : expect.stringContaining(part),
      });
    }
  },
);

test('transforms to frequencies are refused where they make complex numbers', () => {
  const { error } = refusal(() => void tf.spectral.rfft(tf.zeros([4])));
  expect(error).toMatchObject({ code: 'CAPTURE_UNSUPPORTED_OP', fix: expect.stringContaining('DFT matrix') });
});

const conditions: Readonly<Record<string, () => unknown>> = {
  'tf.whereAsync': () => tf.whereAsync(tf.ones([2], 'bool')),
  'tf.booleanMaskAsync': () => tf.booleanMaskAsync(scores(), tf.ones([2], 'bool')),
  'tf.setdiff1dAsync': () => tf.setdiff1dAsync(scores(), scores()),
};

test.each(Object.entries(conditions))('%s reads values, and is refused', (_, op) => {
  const { error } = refusal(() => void op());
  expect(error).toMatchObject({
    code: 'CAPTURE_VALUE_READ',
    message: expect.stringMatching(/reads a tensor's values .*refused\.test\.ts:\d+:\d+/),
  });
});

function refusal(op: () => void): { readonly error: unknown } {
  const step: Step = () => {
    op();
    return { outputs: {} };
  };
  try {
    recordStep(step, { state: {}, inputs: {} });
  } catch (error) {
    return { error };
  }
  return { error: undefined };
}
