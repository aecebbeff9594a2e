import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { describeKernels, type KernelCase, kernelCase, normal, whole } from './describeKernelsFixture';
import { resizeKernels } from './resize';

const extent = fc.integer({ min: 1, max: 6 });
const sizes = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  channels: fc.integer({ min: 1, max: 3 }),
  from: fc.tuple(extent, extent),
  to: fc.tuple(extent, extent),
});

const ways = fc
  .constantFrom([false, false], [true, false], [false, true])
  .map(([alignCorners = false, halfPixelCenters = false]) => ({
    alignCorners,
    halfPixelCenters,
  }));

const images = (x: tf.Tensor) =>
  tf.reshape<tf.Rank.R4>(x, [x.shape[0] ?? 1, x.shape[1] ?? 1, x.shape[2] ?? 1, x.shape[3] ?? 1]);

const cases: readonly KernelCase[] = [
  kernelCase(
    'resizeBilinear',
    fc.tuple(sizes, ways),
    ([{ batch, channels, from, to }, { alignCorners, halfPixelCenters }]) => ({
      inputs: [normal([batch, ...from, channels])],
      compute: (x) => tf.image.resizeBilinear(images(x), to, alignCorners, halfPixelCenters),
      gradient: !halfPixelCenters && from[0] === from[1], // else tfjs's cpu backend has a wrong one
    }),
  ),
  kernelCase(
    'resizeBilinear of squares',
    fc.tuple(sizes, fc.boolean()),
    ([
      {
        batch,
        channels,
        from: [size],
        to,
      },
      corners,
    ]) => ({
      inputs: [normal([batch, size, size, channels])],
      compute: (x) => tf.image.resizeBilinear(images(x), to, corners),
    }),
  ),
  kernelCase(
    'resizeNearestNeighbor',
    fc.tuple(sizes, ways),
    ([{ batch, channels, from, to }, { alignCorners, halfPixelCenters }]) => ({
      inputs: [normal([batch, ...from, channels])],
      compute: (x) => tf.image.resizeNearestNeighbor(images(x), to, alignCorners, halfPixelCenters),
      gradient: !halfPixelCenters && channels === 1 && batch === 1,
    }),
  ),
  kernelCase('resizeNearestNeighbor of whole numbers', sizes, ({ batch, channels, from, to }) => ({
    inputs: [whole(9, [batch, ...from, channels])],
    compute: (x) => tf.image.resizeNearestNeighbor(images(x), to),
    gradient: false,
  })),
  kernelCase('resizing between convolutions', sizes, ({ batch, from: [size], to }) => ({
    inputs: [normal([batch, size, size, 2]), normal([1, 1, 2, 3])],
    compute: (x, filter) => {
      const maps = tf.conv2d(images(x), images(filter), 1, 'same');
      return tf.sin(tf.image.resizeBilinear(maps, to));
    },
  })),
];

describeKernels(resizeKernels, cases);
