import { tf } from '@unlabel/core';
import fc from 'fast-check';
import {
  describeKernels,
  type KernelCase,
  kernelCase,
  normal,
  shapeAndAxis,
  shapes,
  whole,
} from './describeKernelsFixture';
import { joiningKernels } from './joining';

/** A shape and room around each of its axes; mirrors need less room than there are elements. */
const paddings = shapes(1, 4).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    room: fc.tuple(...shape.map((extent) => fc.tuple(fc.nat({ max: extent - 1 }), fc.nat({ max: extent - 1 })))),
  }),
);

const cases: readonly KernelCase[] = [
  kernelCase('concat', fc.tuple(shapeAndAxis(1, 4), fc.integer({ min: 1, max: 3 })), ([{ shape, axis }, extent]) => ({
    inputs: [normal(shape), normal(shape.with(axis, extent))],
    compute: (a, b) => tf.concat([a, tf.square(b), a], axis),
  })),
  kernelCase('concat with what is broadcast', shapeAndAxis(1, 4), ({ shape, axis }) => ({
    inputs: [normal(shape), normal([shape.at(-1) ?? 1])],
    compute: (a, b) => tf.concat([a, tf.mul(b, tf.ones(shape))], axis),
  })),
  kernelCase('stack', shapeAndAxis(1, 4), ({ shape, axis }) => ({
    inputs: [normal(shape), normal(shape)],
    compute: (a, b) => tf.stack([a, tf.square(b)], axis),
  })),
  kernelCase('pad', paddings, ({ shape, room }) => ({
    inputs: [normal(shape)],
    compute: (x) => tf.square(tf.pad(x, room, 0.5)),
  })),
  kernelCase('pad of whole numbers', paddings, ({ shape, room }) => ({
    inputs: [whole(9, shape)],
    compute: (x) => [tf.pad(x, room, 3), tf.concat([x, x], 0), tf.stack([x, x])],
    gradient: false,
  })),
  kernelCase('mirrorPad', paddings, ({ shape, room }) => ({
    inputs: [normal(shape)],
    compute: (x) => [tf.mirrorPad(x, room, 'reflect'), tf.mirrorPad(x, room, 'symmetric')],
  })),
];

describeKernels(joiningKernels, cases);
