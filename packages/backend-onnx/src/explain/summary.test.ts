import { expect, test } from 'vitest';
import { type GraphNode, value } from '../graph/graph';
import { operatorName, summarise } from './summary';

const x = value('float32', [10]);
const node = (op: string, domain?: GraphNode['domain']): GraphNode => ({
  op,
  inputs: [x],
  outputs: [value('float32', [10])],
  attributes: {},
  ...(domain && { domain }),
});

test('adds costs up by operator, those with most nodes first, and over the graph', () => {
  const { nodes, flops, read, written, operators } = summarise({
    inputs: { x },
    nodes: [node('Exp'), node('Neg'), node('Neg')],
    outputs: {},
  });
  expect({ nodes, flops, read, written }).toEqual({ nodes: 3, flops: 30, read: 120, written: 120 });
  expect(Object.keys(operators)).toEqual(['Neg', 'Exp']);
  expect(operators.Neg).toEqual({ nodes: 2, flops: 20, read: 80, written: 80 });
});

test("operators go by their own name, those of ONNX Runtime's orders of images by the order, too", () => {
  expect(operatorName(node('Conv'))).toBe('Conv');
  expect(operatorName(node('FusedConv', 'com.microsoft'))).toBe('FusedConv');
});
