import { expect, test } from 'vitest';
import { type Graph, value } from '../graph/graph';
import { encodeModel } from './model';

/** The sum of an input and a constant that claims a shape, without taking its memory. */
function withConstant(shape: readonly number[]): Graph {
  const [x, sum] = [value('float32', shape), value('float32', shape)];
  const node = { op: 'Add', inputs: [x, value('float32', shape, new Float32Array())], outputs: [sum], attributes: {} };
  return { inputs: { x }, nodes: [node], outputs: { sum } };
}

test('a model over 2 GB is refused before it is written, with its size and its largest constant', () => {
  expect(() => encodeModel(withConstant([30_000, 30_000]))).toThrow(
    expect.objectContaining({
      code: 'MODEL_TOO_LARGE',
      message: expect.stringMatching(/3\.4 GB.*float32 \[30000,30000\].*state or inputs/),
    }),
  );
});

test('one constant that several operators read counts once', () => {
  const shape = [16_000, 16_000]; // 0.95 GB
  const [x, y, z] = [value('float32', shape), value('float32', shape), value('float32', shape)];
  const constant = value('float32', shape, new Float32Array());
  const add = { op: 'Add', attributes: {} };
  const nodes = [
    { ...add, inputs: [x, constant], outputs: [y] },
    { ...add, inputs: [y, constant], outputs: [z] },
    { ...add, inputs: [z, constant], outputs: [value('float32', shape)] },
  ];
  expect(encodeModel({ inputs: { x }, nodes, outputs: { z } }).length).toBeLessThan(1000);
});
