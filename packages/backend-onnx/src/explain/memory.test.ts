import { expect, test } from 'vitest';
import { type Graph, type GraphNode, type Value, value } from '../graph/graph';
import { peakBytes } from './memory';

const floats = (count: number) => value('float32', [count]);
const node = (op: string, inputs: readonly Value[], ...outputs: readonly Value[]): GraphNode => ({
  op,
  inputs,
  outputs,
  attributes: {},
});

test('a chain holds two results at a time, whatever its length; the input is not counted', () => {
  const [x, a, b, c] = [floats(100), floats(10), floats(20), floats(5)];
  const graph: Graph = {
    inputs: { x },
    nodes: [node('Slice', [x], a), node('Tile', [a], b), node('Slice', [b], c)],
    outputs: { c },
  };
  expect(peakBytes(graph)).toBe(4 * 30);
});

test('what is read late stays, and a view keeps what it looks at', () => {
  const [x, a, view, b, c] = [floats(1), floats(10), floats(10), floats(1), floats(1)];
  const nodes = [node('Tile', [x], a), node('Reshape', [a], view), node('Exp', [x], b), node('Add', [view, b], c)];
  expect(peakBytes({ inputs: { x }, nodes, outputs: { c } })).toBe(4 * 12);
});

test('a result that nobody reads is gone at once, an output of the graph never', () => {
  const [x, unread, kept, last] = [floats(1), floats(50), floats(7), floats(2)];
  const nodes = [node('MaxPool', [x], kept, unread), node('Exp', [x], last)];
  expect(peakBytes({ inputs: { x }, nodes, outputs: { kept, last } })).toBe(4 * 57);
  const late = [node('Exp', [x], kept), node('Exp', [x], last)];
  expect(peakBytes({ inputs: { x }, nodes: late, outputs: { kept, last } })).toBe(4 * 9);
});
