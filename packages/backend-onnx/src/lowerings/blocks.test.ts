import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { blockKernels } from './blocks';
import { describeKernels, type KernelCase, kernelCase, normal } from './describeKernelsFixture';

const extent = fc.integer({ min: 1, max: 3 });
const blocks = fc.record({
  batch: extent,
  channels: extent,
  block: fc.tuple(extent, extent),
  count: fc.tuple(extent, extent),
  before: fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 1 })),
});

const cases: readonly KernelCase[] = [
  kernelCase('spaceToBatchND', blocks, ({ batch, channels, block, count, before }) => {
    const whole = block.map((size, axis) => size * (count[axis] ?? 1) + (block[axis] ?? 1));
    return {
      inputs: [normal([batch, ...whole.map((size, axis) => size - (before[axis] ?? 0)), channels])],
      compute: (x) =>
        tf.spaceToBatchND(
          x,
          block,
          before.map((room) => [room, 0]),
        ),
    };
  }),
  kernelCase('batchToSpaceND', blocks, ({ batch, channels, block, count, before }) => ({
    inputs: [normal([batch * block[0] * block[1], count[0] + 1, count[1] + 1, channels])],
    compute: (x) =>
      tf.batchToSpaceND(
        x,
        block,
        before.map((room) => [room, 0]),
      ),
  })),
  kernelCase('depthToSpace', blocks, ({ batch, channels, block: [size], count }) => ({
    inputs: [normal([batch, ...count, channels * size ** 2])],
    compute: (x) =>
      size < 2 ? x : tf.depthToSpace(tf.reshape<tf.Rank.R4>(x, [batch, ...count, channels * size ** 2]), size),
    gradient: size < 2,
  })),
];

describeKernels(blockKernels, cases);
